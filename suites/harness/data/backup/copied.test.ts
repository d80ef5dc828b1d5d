import { describe, expect, test } from 'vitest';
import { readRound } from '../../../../fixtures/data/backup/copied.ts';
import { sideBySide } from '../../../../fixtures/data/backup/side-by-side.ts';

describe('what one round of a copy said', () => {
  const round = (...lines: string[]) => lines.map((line) => `${line}\n`).join('');
  const whole = ['= entries 7', '= changed 0', '= ended 0 0 0'];

  test('nothing but its counts', () => {
    expect(readRound(0, round(...whole), 'w')).toEqual({ entries: 7, changed: 0, names: [] });
  });

  test('what went away or changed meanwhile is no trouble, and is named where it is to be copied again', () => {
    const said = [
      "find: './gone': No such file or directory",
      'tar: ./gone: Cannot stat: No such file or directory',
      'tar: ./log: file changed as we read it',
      'tar: ./shorter: File shrank by 9 bytes; padding with zeros',
      'tar: Exiting with failure status due to previous errors',
      '= entries 7',
      '= changed 2',
      '= name ./log',
      '= name ./= changed 0',
      '= ended 1 2 0',
    ];
    expect(readRound(0, round(...said), 'w')).toEqual({ entries: 7, changed: 2, names: ['./log', './= changed 0'] });
  });

  test.for([
    ['a list that failed', 9, ["sort: write failed: 'x': No space left on device"], /^w cannot be listed: sort: write/],
    ['no word at all', 137, [], /^w cannot be listed: exit code 137/],
    ['a folder that cannot be read', 0, ["find: './x': Permission denied", ...whole], /cannot be listed: find: '.\/x'/],
    ['a list that ends badly', 0, ['= ended 2 0 0'], /cannot be listed: exit code 2/],
    ['a list that ends badly afterwards', 0, ['= entries 1', '= changed 0', '= ended 0 0 1'], /listed: exit code 1/],
    [
      'a file that cannot be read',
      0,
      ['tar: ./x: Cannot open: Input/output error', ...whole],
      /copied: tar: .\/x: Cannot/,
    ],
    ['a tar that was killed', 0, ['= entries 1', '= changed 0', '= ended 0 137 0'], /cannot be copied: exit code 137/],
    ['a tar that says not why', 0, ['= entries 1', '= changed 0', '= ended 0 2 0'], /cannot be copied: exit code 2/],
  ] as const)('%s', ([, exitCode, said, message]) => {
    expect(() => readRound(exitCode, round(...said), 'w')).toThrow(message);
  });
});

describe('side by side', () => {
  const never = new AbortController().signal;

  test('no more at once than are to be', async () => {
    let running = 0;
    let most = 0;
    const step = async () => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
    };
    await sideBySide(never, [1, 2, 3, 4, 5], step, { atOnce: 2 });
    expect(most).toBe(2);
  });

  test('the first that fails ends the others, those to come too, and is what is told', async () => {
    const ended: number[] = [];
    const step = async (number: number, signal: AbortSignal) => {
      if (number === 1) throw new Error('first');
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      ended.push(number);
      throw new Error('later');
    };
    await expect(sideBySide(never, [0, 1, 2, 3], step, { atOnce: 3 })).rejects.toThrow('first');
    expect(ended).toContain(0);
    expect(ended).not.toContain(3);
  });
});
