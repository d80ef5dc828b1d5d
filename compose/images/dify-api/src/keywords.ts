/** English words that stand in every text; what jieba's extraction leaves out for Dify is of this kind. */
const stopWords = new Set(
  [
    'a about above after again against all am an and any are aren as at be because been before being below between both',
    'but by can couldn did didn do does doesn doing don down during each few for from further had hadn has hasn have',
    'haven having he her here hers herself him himself his how if in into is isn it its itself just me mightn more most',
    'mustn my myself needn no nor not now of off on once only or other our ours ourselves out over own re same shan she',
    'should shouldn so some such than that the their theirs them themselves then there these they this those through to',
    'too under until up very was wasn we were weren what when where which while who whom why will with won wouldn you',
    'your yours yourself yourselves',
  ].flatMap((line) => line.split(' ')),
);

/** Dify's own number for a chunk. */
const mostWords = 10;

/**
 * The words that a text is found by, the most frequent first and ten at most. Dify lets jieba weigh them; for words that its
 * dictionary does not know (all of English) the weight is the frequency, as here.
 */
export function extractKeywords(text: string): string[] {
  const counts = new Map<string, number>();
  for (const word of wordsOf(text)) {
    if (Array.from(word).length < 2 || stopWords.has(word.toLowerCase())) continue;
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, mostWords)
    .map(([word]) => word);
}

/** Latin words as they stand, a number with its fraction and per cent; anything else as the language divides it. */
function* wordsOf(text: string): Generator<string> {
  for (const [run, latin] of text.matchAll(/([a-zA-Z0-9]+(?:\.\d+)?%?)|\P{ASCII}+/gu)) {
    if (latin !== undefined) {
      yield latin;
      continue;
    }
    for (const { segment, isWordLike } of new Intl.Segmenter('zh', { granularity: 'word' }).segment(run)) {
      if (isWordLike) yield segment;
    }
  }
}
