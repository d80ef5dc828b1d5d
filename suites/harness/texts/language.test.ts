import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { columnsOf, padded, wrapped } from '../../../fixtures/texts/columns.ts';
import { isFieldNumber, withFieldTitles } from '../../../fixtures/texts/field.ts';
import { languageOf } from '../../../fixtures/texts/language.ts';

describe('the language of a call', () => {
  test.for<[string, string | undefined, NodeJS.ProcessEnv, string]>([
    ['nothing is said', undefined, {}, 'en'],
    ['the flag', 'zh', { VERIFY_LANG: 'en', LANG: 'en_US.UTF-8' }, 'zh'],
    ['the variable before the locale', undefined, { VERIFY_LANG: 'en', LANG: 'zh_CN.UTF-8' }, 'en'],
    ['the variable, empty', undefined, { VERIFY_LANG: '', LANG: 'zh_CN.UTF-8' }, 'zh'],
    ['the locale', undefined, { LANG: 'zh_TW.UTF-8' }, 'zh'],
    ['the locale alone', undefined, { LANG: 'zh' }, 'zh'],
    ['LC_ALL before LANG', undefined, { LC_ALL: 'C.UTF-8', LANG: 'zh_CN.UTF-8' }, 'en'],
    ['LC_MESSAGES before LANG', undefined, { LC_MESSAGES: 'zh_CN.UTF-8', LANG: 'en_US.UTF-8' }, 'zh'],
    ['another language', undefined, { LANG: 'de_DE.UTF-8' }, 'en'],
    ['a language that begins like it', undefined, { LANG: 'zha_CN' }, 'en'],
  ])('%s', ([, flag, environment, language]) => expect(languageOf(flag, environment)).toBe(language));

  test.for<[string | undefined, NodeJS.ProcessEnv, string]>([
    ['fr', {}, '--lang fr: en or zh'],
    ['', {}, '--lang : en or zh'],
    [undefined, { VERIFY_LANG: 'zh_CN' }, 'VERIFY_LANG=zh_CN: en or zh'],
  ])('refuses %s %o', ([flag, environment, message]) => expect(() => languageOf(flag, environment)).toThrow(message));
});

describe('Chinese on a terminal', () => {
  test('takes two columns a sign', () => {
    expect(columnsOf('a位置：')).toBe(7);
    expect(padded('发现', 6)).toBe('发现  ');
  });

  test('is broken between signs, and no line begins with a comma', () => {
    const lines = wrapped('不停重启，日志是 not found，容器起不来。', 12);
    expect(lines.join('').replaceAll(' ', '')).toBe('不停重启，日志是notfound，容器起不来。');
    expect(lines.every((line) => columnsOf(line) <= 12 && !/^[，。]/.test(line))).toBe(true);
  });

  test('a word longer than the line stays whole', () =>
    expect(wrapped('a bbbbbbbb c', 4)).toEqual(['a', 'bbbbbbbb', 'c']));
});

test('every number of a fault that a verdict or a fault of the catalogue names has its page', () => {
  const sources = ['checks', 'mutation', 'run'].flatMap((folder) =>
    readdirSync(`fixtures/${folder}`, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(`fixtures/${folder}/${file}`, 'utf8')),
  );
  const numbers = [...new Set(sources.flatMap((text) => text.match(/\bF\d{3}\b/g) ?? []))];
  expect(numbers.length).toBeGreaterThan(50);
  expect(numbers.filter((number) => !isFieldNumber(number))).toEqual([]);
});

test('a number of a fault never stands alone', () => {
  expect(withFieldTitles('a.conf:8 (F001)', 'en')).toBe('a.conf:8 (F001: nginx keeps the addresses of its start)');
  expect(withFieldTitles('F073', 'zh')).toBe('F073：发布了 PostgreSQL 的端口');
  expect(withFieldTitles('F999', 'en')).toBe('F999');
});
