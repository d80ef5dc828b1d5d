import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CAUSE_CLASSES, causeText, causeTitle } from '../../../fixtures/texts/causes.ts';
import { classText, lookText } from '../../../fixtures/texts/checks.ts';
import { CLASS_PATTERNS } from '../../../fixtures/texts/classes.ts';
import { looks, type Look } from '../../../fixtures/texts/en/looks.ts';
import { pageWords } from '../../../fixtures/texts/en/page-words.ts';
import { reportWords } from '../../../fixtures/texts/en/report-words.ts';
import { fieldText } from '../../../fixtures/texts/field.ts';
import { FIELD_FAULTS, type FieldNumber } from '../../../fixtures/texts/field-faults.ts';
import { placeholdersOf } from '../../../fixtures/texts/fill.ts';
import { impact, impactInChinese } from '../../../fixtures/texts/impact.ts';
import { LANGUAGES, type Language } from '../../../fixtures/texts/language.ts';
import { pageWordsZh } from '../../../fixtures/texts/zh/page-words.ts';
import { reportWordsZh } from '../../../fixtures/texts/zh/report-words.ts';

const entries = (texts: object): [string, string][] => Object.entries(texts as Record<string, string>);

/** Every text of a language by a name of its own. */
function textsOf(language: Language): Map<string, string> {
  const named = (prefix: string, texts: object) =>
    entries(texts).map(([key, text]) => [`${prefix} ${key}`, text] as const);
  return new Map([
    ...CAUSE_CLASSES.flatMap((kind) => named(`cause ${kind}`, causeText(kind, language))),
    ...CLASS_PATTERNS.flatMap((pattern) => named(`check ${pattern}`, classText(pattern, language))),
    ...(Object.keys(FIELD_FAULTS) as FieldNumber[]).flatMap((number) => named(number, fieldText(number, language))),
    ...Object.keys(looks).map((look) => [`look ${look}`, lookText(look as Look, language)] as const),
    ...named('page', language === 'zh' ? pageWordsZh : pageWords),
    ...named('report', language === 'zh' ? reportWordsZh : reportWords),
  ]);
}

const [english, chinese] = [textsOf('en'), textsOf('zh')];

describe('the catalogue of texts', () => {
  test('has each text in both languages', () => {
    expect(english.size).toBeGreaterThan(900);
    expect([...chinese.keys()].toSorted()).toEqual([...english.keys()].toSorted());
  });

  test.for(LANGUAGES)('%s: no text is empty', (language) => {
    expect([...textsOf(language)].filter(([, text]) => text.trim() === '')).toEqual([]);
  });

  test('a text has the same placeholders in both', () => {
    const holes = (texts: Map<string, string>, name: string) => placeholdersOf(texts.get(name) ?? '');
    const differ = [...english.keys()].filter((name) => String(holes(english, name)) !== String(holes(chinese, name)));
    expect(differ).toEqual([]);
  });

  test('the Chinese is Chinese, the English is not', () => {
    /** What is only typed: lines of configuration, commands, a name. */
    const typed = (text: string) =>
      /^[^\p{L}]*[a-z_]+ ?[\w.]*;?$/u.test(text) || /^proxy_|^resolver|^npm run|^\{/.test(text);
    const han = /\p{Script=Han}/u;
    expect([...chinese].filter(([, text]) => !han.test(text) && !typed(text))).toEqual([]);
    expect([...english].filter(([, text]) => han.test(text))).toEqual([]);
  });

  test('one text of English stands for no two: a sentence that says nothing of its own is a copy', () => {
    const titles = [...english].filter(([name]) => name.endsWith(' title')).map(([, text]) => text);
    expect(titles.length).toBe(new Set(titles).size);
  });
});

describe('what a verdict says of its impact', () => {
  test('is the text of the page, and has its Chinese', () => {
    expect(impact('squid-shut')).toBe(causeText('squid-shut', 'en').matters);
    expect(impactInChinese(impact('squid-shut'))).toBe(causeText('squid-shut', 'zh').matters);
    expect(impactInChinese('words of its own')).toBeUndefined();
  });

  test('is written nowhere else: a literal in a verdict that stands in the catalogue is a copy', () => {
    const literals = readdirSync('fixtures/checks', { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) =>
        Array.from(
          readFileSync(`fixtures/checks/${file}`, 'utf8').matchAll(/why:\s*(?:'((?:[^'\\]|\\.)*)'|"([^"]*)")/g),
          ([, single, double]) => (single ?? double ?? '').replaceAll("\\'", "'"),
        ),
      );
    expect(literals.length).toBeGreaterThan(20);
    expect(literals.filter((text) => impactInChinese(text) !== undefined)).toEqual([]);
  });

  test('a verdict names no impact that is empty', () => {
    const named = readdirSync('fixtures/checks', { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) =>
        Array.from(
          readFileSync(`fixtures/checks/${file}`, 'utf8').matchAll(/impact\('([^']+)'\)/g),
          ([, name = '']) => name,
        ),
      );
    expect(named.length).toBeGreaterThan(40);
    expect(named.filter((name) => impact(name as Parameters<typeof impact>[0]) === '')).toEqual([]);
  });
});

describe('the title of a cause', () => {
  test.for([
    ['port-published', 'db', 'en', 'db is published beyond this machine'],
    ['port-published', 'db', 'zh', 'db 的端口发布到了本机之外'],
    ['port-published', '', 'en', '<service> is published beyond this machine'],
    ['nginx-path-cut', '', 'en', 'nginx changes the path of requests'],
    ['nginx-path-cut', '/v1', 'en', 'nginx changes the path of requests to /v1'],
    ['nginx-path-cut', '/v1', 'zh', 'nginx 改写了 /v1 的请求路径'],
    ['squid-shut', 'ignored', 'en', 'Squid refuses what it should let through'],
  ] as const)('%s of "%s" (%s)', ([kind, subject, language, title]) =>
    expect(causeTitle(kind, subject, language)).toBe(title),
  );
});
