import { describe, expect, test } from 'vitest';
import { REPLACES_ABOVE } from '../../../../fixtures/checks/config/env-lines.ts';
import { configInputs } from '../../../../fixtures/checks/config/judge.ts';
import { Draft, NoPatch } from '../../../../fixtures/run/fix/draft.ts';
import { EnvText } from '../../../../fixtures/run/fix/env-text.ts';
import { modelOf } from '../../../../fixtures/testing/model-of.ts';

/** The env file after one variable was set, and what is typed first. Lines with `own` are not to be shown. */
function set(text: string, name: string, value: string, { example = false, atEnd = false } = {}) {
  const file = example ? '/stack/.env.example' : '/stack/.env';
  const model = modelOf({ api: { image: 'a' } });
  model.env = {
    path: example ? null : file,
    generatedFrom: example ? file : null,
    generatedKeys: example ? ['EMPTY_KEY'] : [],
  };
  const disk = {
    read: (path: string) => (path === file ? text : null),
    list: () => [],
    kind: () => null,
    link: () => null,
  };
  const draft = new Draft(configInputs(model, { disk }));
  const env = new EnvText(draft, model, { openLine: (line) => !line.includes('own'), newSecret: () => 'made' });
  env.set(name, value, { atEnd });
  return { text: draft.texts.get('/stack/.env'), before: draft.before, base: draft.bases.get('/stack/.env') };
}

describe('a variable of the env file', () => {
  test.for<[string, string, string]>([
    ['in its place, with its comment', 'A=1\nKEY=old # why\nB=2\n', 'A=1\nKEY=new # why\nB=2\n'],
    ['in quotes that hold a sign of a comment', 'KEY="o # d"\n', 'KEY=new\n'],
    ['with export', 'export KEY=old\n', 'export KEY=new\n'],
    ['with line ends of Windows', 'A=1\r\nKEY=old\r\n', 'A=1\r\nKEY=new\r\n'],
    ['the last line of a name, which counts', 'KEY=first\nKEY=second\n', 'KEY=first\nKEY=new\n'],
    ['that is not there', 'A=1\n', 'A=1\nKEY=new\n'],
    ['that is not there, in a file without its last line end', 'A=1', 'A=1\nKEY=new\n'],
    [
      'whose line is not to be shown: below it, and it wins',
      'KEY=own\nA=1\n',
      `KEY=own\nA=1\n${REPLACES_ABOVE}\nKEY=new\n`,
    ],
    [
      'whose line is not to be shown, with the lines below that take its value: the file is read from the top',
      'KEY=own\nPAIR=${KEY}\n#NO=${KEY}\nOTHER=${KEYS}\n',
      `KEY=own\nPAIR=\${KEY}\n#NO=\${KEY}\nOTHER=\${KEYS}\n${REPLACES_ABOVE}\nKEY=new\nPAIR=\${KEY}\n`,
    ],
    ['that has the value already', 'KEY=new\n', 'KEY=new\n'],
  ])('%s', ([, before, after]) => {
    expect(set(before, 'KEY', 'new').text ?? before).toBe(after);
  });

  test('a line that takes its value and holds a secret itself: no patch', () => {
    expect(() => set('KEY=own\nURL=own://${KEY}\n', 'KEY', 'new')).toThrow(NoPatch);
  });

  test('a last line that is not to be shown and has no end gets one by a command, from which the patch counts', () => {
    expect(set('A=1\nLAST=own', 'KEY', 'new')).toEqual({
      text: 'A=1\nLAST=own\nKEY=new\n',
      before: ['echo >> .env'],
      base: 'A=1\nLAST=own\n',
    });
  });

  test('no .env: it is made from the example by a command, and its empty secrets are filled', () => {
    expect(set('KEY=old\nEMPTY_KEY=\n', 'KEY', 'new', { example: true })).toEqual({
      text: 'KEY=new\nEMPTY_KEY=made\n',
      before: ['[ -e .env ] || cp .env.example .env'],
      base: 'KEY=old\nEMPTY_KEY=\n',
    });
  });

  test('a value by reference goes to the end, where what it names stands above', () => {
    expect(set('CLIENT=old\nKEY=own\n', 'CLIENT', '${KEY}', { atEnd: true }).text).toBe(
      `CLIENT=old\nKEY=own\n${REPLACES_ABOVE}\nCLIENT=\${KEY}\n`,
    );
  });
});
