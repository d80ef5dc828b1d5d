import { expect, test } from 'vitest';
import { AskedAgain } from '../../fixtures/engine/asked-again.ts';

/** What gets no answer is asked again alone: a red for want of a processor is none. */
interface Asked {
  name: string;
  beside: number;
}

/** Answers by a name's list, one item a time it is asked; what is over stays at the last item. */
function server(answers: Record<string, boolean[]>) {
  const asked: Asked[] = [];
  const tried = new Map<string, number>();
  let open = 0;
  const ask = (name: string) => async () => {
    asked.push({ name, beside: open++ });
    await new Promise((turn) => setImmediate(turn));
    open--;
    const times = tried.get(name) ?? 0;
    tried.set(name, times + 1);
    return answers[name]?.[Math.min(times, answers[name].length - 1)] ?? true;
  };
  return { asked, ask };
}

const put = async (names: string[], { ask }: ReturnType<typeof server>, atOnce = 4) => {
  const asking = new AskedAgain(atOnce);
  return Promise.all(names.map((name) => asking.answer(ask(name), (answered) => answered)));
};

test('never more at once than said, each once where each is answered', async () => {
  const all = server({});
  const names = Array.from({ length: 20 }, (_, at) => `n${at}`);
  expect(await put(names, all)).toEqual(names.map(() => true));
  expect(all.asked.map(({ name }) => name)).toEqual(names);
  expect(Math.max(...all.asked.map(({ beside }) => beside))).toBe(3);
});

test('what got no answer is asked again with nothing beside it, and that answer counts', async () => {
  const some = server({ b: [false, true], d: [false, true] });
  expect(await put(['a', 'b', 'c', 'd', 'e', 'f', 'g'], some)).toEqual(Array.from({ length: 7 }, () => true));
  expect(some.asked.slice(7)).toEqual([
    { name: 'b', beside: 0 },
    { name: 'd', beside: 0 },
  ]);
});

test('who does not answer again has no answer, and nobody else is waited for', async () => {
  const none = server({ b: [false], d: [false] });
  expect(await put(['a', 'b', 'c', 'd'], none)).toEqual([true, false, true, false]);
  expect(none.asked.slice(4).map(({ name }) => name)).toEqual(['b']);
});

test('many without an answer are none by chance: none is asked again', async () => {
  const names = Array.from({ length: 9 }, (_, at) => `n${at}`);
  const none = server(Object.fromEntries(names.map((name) => [name, [false, true]])));
  expect(await put(names, none)).toEqual(names.map(() => false));
  expect(none.asked).toHaveLength(9);
});

test('one that throws throws for its own asker alone, and the others are asked again', async () => {
  const asking = new AskedAgain(2);
  const { ask } = server({ a: [false, true] });
  const broken = asking.answer(
    () => Promise.reject(new Error('the probe is gone')),
    () => true,
  );
  const late = asking.answer(ask('a'), (answered) => answered);
  await expect(broken).rejects.toThrow('the probe is gone');
  expect(await late).toBe(true);
});
