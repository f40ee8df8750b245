import { expect, test } from 'vitest'
import { commentsOf, countWords, isHeadless, sentencesOf } from './comment-words.ts'

test.each([
  'What is left is sent with the next batch.',
  'Who may not change it is told which permission is missing.',
  'Whoever asks again within this time gets the same answer.',
  'Whose turn it is decides the queue.',
  'Those who wait are told.',
  'It is asked for by whoever has the key.',
  'The queue keeps what waits for the hub.',
  'A flow is not written what it cannot take.',
  'It leaves out what is known already.',
  'The door is open for who has the key.',
  'It is told to the hub, who has none of it.',
])('headless: %s', (sentence) => {
  expect(isHeadless(sentence)).toBe(true)
})

test.each([
  'The page says what to do next.',
  'The rule decides who approves a rollout.',
  'A person who has the key opens the door.',
  'The devices whose reports are late are listed.',
  'The operator to whom the key belongs signs it.',
  'Does anybody know what happens then?',
  'Each wave takes the remaining devices, up to its limit.',
  'The field `what` is deprecated.',
  'It prints "what is left" once.',
])('plain: %s', (sentence) => {
  expect(isHeadless(sentence)).toBe(false)
})

test('comments are doc comments, block comments, and line comments that stand together', () => {
  const text = [
    '/** One line. */',
    '/**',
    ' * Two lines',
    ' * of one sentence.',
    ' */',
    'const a = 1 // behind code',
    '// A pair',
    '  // of lines.',
    'const url = "https://example.org"',
    '/* A block. */',
  ].join('\n')
  expect(commentsOf(text)).toEqual(['One line.', 'Two lines of one sentence.', 'A pair of lines.', 'A block.'])
})

test('sentences end at a full stop before a space, and not inside of a name or a number', () => {
  expect(sentencesOf('It reads main.ts in 1.5 s. `Map` is quick. (See there.) It ends')).toEqual([
    'It reads main.ts in 1.5 s.',
    '`Map` is quick.',
    '(See there.)',
    'It ends',
  ])
  expect(sentencesOf('---')).toEqual([])
})

test('sentences are counted by folder, and together', () => {
  const files = [
    { folder: 'b', text: '// What is left is sent. It is small.' },
    { folder: 'a', text: '// A device reports.\n\n// It waits.' },
    { folder: 'b', text: 'const one = 1' },
  ]
  expect(countWords(files)).toEqual([
    { folder: 'a', sentences: 2, headless: 0, percent: 0 },
    { folder: 'b', sentences: 2, headless: 1, percent: 50 },
    { folder: 'all', sentences: 4, headless: 1, percent: 25 },
  ])
})
