import { expect, test } from 'vitest';
import { askWhileGreen, type Asked } from '../../../../fixtures/checks/health/green.ts';
import { eventually } from '../../../../fixtures/engine/eventually.ts';
import { workAtOnce } from '../../../../fixtures/engine/processors.ts';

/** Health commands of a whole stack that are asked on a machine with fewer processors than commands. */
class Machine {
  under = 0;
  most = 0;
  commands = 0;
  readonly asked = new Map<string, number>();

  /** `isGreen`: what the command says, by how many run and how often it was asked. */
  command(
    name: string,
    isGreen: (under: number, times: number) => boolean,
    { retries = 5, waits = true }: { retries?: number; waits?: boolean } = {},
  ): Asked {
    let green = false;
    this.commands++;
    return {
      retries,
      isGreen: () => green,
      waited: () => waits,
      ask: async () => {
        const times = (this.asked.get(name) ?? 0) + 1;
        this.asked.set(name, times);
        this.under++;
        this.most = Math.max(this.most, this.under);
        // It lasts until whatever may be begun beside it is.
        await until(() => this.under >= workAtOnce || this.asked.size === this.commands);
        green = isGreen(this.under, times);
        this.under--;
      },
    };
  }
}

const until = (isSo: () => boolean) => eventually(isSo, Boolean, { withinMs: 30_000, everyMs: 1 });

test('so many that each has a processor, and none twice that was green', async () => {
  const machine = new Machine();
  const commands = Array.from({ length: 60 }, (_, at) => machine.command(`${at}`, (under) => under <= workAtOnce));
  await askWhileGreen(commands, Promise.resolve());
  expect(commands.every(({ isGreen }) => isGreen())).toBe(true);
  expect(machine.most).toBeLessThanOrEqual(workAtOnce);
  expect([...machine.asked.values()]).toEqual(commands.map(() => 1));
});

test('one that is red beside others is asked alone, once nothing else is under way', async () => {
  const machine = new Machine();
  let over: () => void = () => undefined;
  const beside = new Promise<void>((done) => (over = done));
  const again: { alone: boolean }[] = [];
  const isGreen = (under: number, times: number) => {
    if (times > 1) again.push({ alone: under === 1 });
    return times > 1;
  };
  const commands = Array.from({ length: 5 }, (_, at) => machine.command(`${at}`, isGreen));
  const asking = askWhileGreen(commands, beside);
  await until(() => machine.asked.size === machine.commands && machine.under === 0);
  expect(again).toEqual([]);
  over();
  await asking;
  expect(commands.every((one) => one.isGreen())).toBe(true);
  expect(again).toEqual(commands.map(() => ({ alone: true })));
});

test.for<[number, number]>([
  [5, 4],
  [1, 2],
])('one that is red however it is asked stays red: of %i retries, asked %i times in all', async ([retries, times]) => {
  const machine = new Machine();
  const command = machine.command('red', () => false, { retries });
  await askWhileGreen([command], Promise.resolve());
  expect(command.isGreen()).toBe(false);
  expect(machine.asked.get('red')).toBe(times);
});

test('one that is red at once is red, and not asked until it is green by chance', async () => {
  const machine = new Machine();
  const command = machine.command('flaps', (_, times) => times > 1, { waits: false });
  await askWhileGreen([command], Promise.resolve());
  expect(command.isGreen()).toBe(false);
  expect(machine.asked.get('flaps')).toBe(1);
});
