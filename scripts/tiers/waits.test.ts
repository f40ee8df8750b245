/** A test waits with the patience of the testkit, and says what it waited for in vain: here it is looked after by machine. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../step.ts'

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => /\.test\.tsx?$|(^|\/)test\/.*\.(ts|mjs)$|^packages\/testkit\/src\//.test(path))
  .filter((path) => path !== 'packages/testkit/src/until.ts' && path !== 'scripts/tiers/waits.test.ts')
  .filter((path) => existsSync(join(ROOT, path)))

/** What stands from there to the bracket that closes the first one. Brackets in strings do not count. */
function callAt(text: string, start: number): string {
  const bare = text.slice(start).replaceAll(/(["'])(?:(?!\1)[^\n])*\1/g, (quoted) => '_'.repeat(quoted.length))
  let depth = 0
  for (const { 0: bracket, index } of bare.matchAll(/[()]/g)) {
    depth += bracket === '(' ? 1 : -1
    if (depth === 0) return bare.slice(0, index + 1)
  }
  return ''
}

/** By itself `vi.waitFor` waits for a second, whatever the configuration says. */
const impatient = (text: string) =>
  [...text.matchAll(/\bvi\.wait(For|Until)\(/g)]
    .map(({ index }) => callAt(text, index))
    .filter((call) => !/\bPATIENCE_MS\b/.test(call))

const PAUSE = String.raw`await [^\n]*\b(?:sleep|setTimeout|setImmediate)\b`

/** A loop that does nothing but pause, and an endless one that pauses and comes to an end: both are the testkit's `until`. */
const endless = (text: string) => [
  ...text.matchAll(
    new RegExp(String.raw`\bwhile \((?:[^\n]*|\n[^;{}]*)\)\s+(?:${PAUSE}|\{\s+${PAUSE}[^\n]*\n\s*\})`, 'g'),
  ),
  ...[...text.matchAll(/^( *)(?:for \(;;\)|while \(true\)) \{\n[\s\S]*?^\1\}/gm)].filter(
    ([loop]) => /\b(?:return|break)\b/.test(loop) && new RegExp(PAUSE).test(loop),
  ),
]

const found = (look: (text: string) => readonly unknown[]) =>
  files.filter((path) => look(readFileSync(join(ROOT, path), 'utf8')).length > 0)

test('a wait of vitest has the patience of the testkit', () => {
  expect(found(impatient)).toEqual([])
})

test('no test has an endless wait of its own: "until" of the testkit says what was waited for, and ends', () => {
  expect(found(endless)).toEqual([])
})

test('both find what is planted for them, and nothing else', () => {
  const waits = [
    'await vi.waitFor(() => expect(one).toBe(2))',
    "await vi.waitUntil(() => say(')') > 2, 5_000)",
    'await vi.waitFor(() => one > 2, { timeout: LONG_MS })',
  ]
  expect(waits.map((text) => impatient(text).length)).toEqual([1, 1, 1])
  expect(impatient('vi.waitFor(() => {\n  expect(f(")")).toBe(1)\n}, { timeout: 2 * PATIENCE_MS })')).toEqual([])
  const pause = 'await new Promise((resolve) => setTimeout(resolve, 10))'
  const loops = [
    `while (!isSo()) ${pause}\n`,
    `while (!(await ask(\`\${url}/ping\`))?.ok) ${pause}\n`,
    `while (!(await isSo())) {\n  await sleep(20)\n}\n`,
    `while (\n  at < 2 &&\n  !isSo()\n)\n  ${pause}\n`,
    `for (;;) {\n  if (await isSo()) return\n  ${pause}\n}\n`,
    `while (true) {\n  if (await isSo()) break\n  await systemClock.sleep(50, signal)\n}\n`,
  ]
  expect(loops.map((text) => endless(text).length)).toEqual(loops.map(() => 1))
  const work = `while (!isOver) {\n  note(await ask())\n  ${pause}\n}\nfor (;;) {\n  await ask()\n  ${pause}\n}\n`
  expect(endless(work)).toEqual([])
})
