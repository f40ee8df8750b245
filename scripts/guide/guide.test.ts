/** The documentation site: its list of pages, its links and its anchors, without a build. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { errors } from '@skerry/contract/errors/errors'
import { expect, test } from 'vitest'
import { ROOT } from '../step.ts'
import { errorPages } from './error-pages.ts'
import { githubSlug } from './github-slug.ts'
import { allPages, listedPages } from './sidebar.ts'
import { stagedPage } from './staged-page.ts'
import { strictPage } from './strict-pages.ts'

const text = (path: string) => readFileSync(join(ROOT, path), 'utf8')

test('every document is in the list of pages once, and every listed page exists', () => {
  expect([...listedPages].sort()).toEqual(allPages().sort())
})

test('anchors of links exist', () => {
  const broken = allPages().flatMap((page) =>
    [...text(page).matchAll(/\]\((?!https?:)([^)#\s]*\.md)?#([^)\s]+)\)/g)].flatMap(([, file, anchor = '']) => {
      const target = file === undefined ? page : posix.join(dirname(page), file)
      return existsSync(join(ROOT, target)) && !anchorsOf(target).has(anchor) ? [`${page}: ${target}#${anchor}`] : []
    }),
  )
  expect(broken).toEqual([])
})

/** A heading that comes again gets a number, as on GitHub and on the site. */
function anchorsOf(path: string): Set<string> {
  const counts = new Map<string, number>()
  const anchors = new Set<string>()
  for (const [, heading = ''] of text(path)
    .replaceAll(/^```[\s\S]*?^```/gm, '')
    .matchAll(/^#{1,6} (.+)$/gm)) {
    const slug = githubSlug(heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('`', ''))
    const count = counts.get(slug) ?? 0
    counts.set(slug, count + 1)
    anchors.add(count === 0 ? slug : `${slug}-${count}`)
  }
  return anchors
}

test('a link to a page becomes one of the site, a link to code its name, and code stays as it is', () => {
  const page = [
    'See [running](../running.md#backup), [security](../../SECURITY.md) and [a test](../../test/quiet.test.ts).',
    '```',
    '[as it is](../running.md)',
    '```',
    '![a plant](diagrams/one-plant.svg) [elsewhere](https://example.com/)',
  ].join('\n')
  expect(stagedPage('docs/guide/trust.md', page).split('\n')).toEqual([
    'See [running](/running.md#backup), [security](/security.md) and a test (`test/quiet.test.ts`).',
    '```',
    '[as it is](../running.md)',
    '```',
    '![a plant](/guide/diagrams/one-plant.svg) [elsewhere](https://example.com/)',
  ])
})

test('a built page has neither inline code nor inline styles', () => {
  const scripts = new Map<string, string>()
  const page = '<a style="color:red" href="/">a</a><script id="x">go()</script><script src="/a.js"></script>'
  expect(strictPage(page, scripts)).toMatch(
    /^<a href="\/">a<\/a><script id="x" src="\/guide\/assets\/inline\.[0-9a-f]{16}\.js"><\/script><script src="\/a\.js"><\/script>$/,
  )
  expect([...scripts.values()]).toEqual(['go()'])
})

test('each error code of the hub and of devices has a page with the cause, the next step and its place', () => {
  const pages = errorPages()
  const ofDevices = [...text('docs/reference/device-codes.md').matchAll(/^\| `([a-z0-9_]+)` \|/gm)].map(
    ([, code]) => code,
  )
  expect(ofDevices.length).toBeGreaterThan(50)
  for (const code of [...Object.keys(errors), ...ofDevices]) {
    const page = pages.get(`errors/${code}.html`) ?? ''
    const [, happened = '', next = ''] = /happened<\/h2><p>(.*?)<\/p>[\s\S]*next<\/h2><p>(.*?)<\/p>/.exec(page) ?? []
    expect(happened.length, `the page of ${code} says what happened`).toBeGreaterThan(5)
    expect(next.length, `the page of ${code} says what to do`).toBeGreaterThan(5)
    expect(next, `${code}: two different texts`).not.toBe(happened)
  }
  expect(pages.get('errors/selector_invalid.html')).toContain('POST /v1/selector')
  expect(pages.get('errors/input_invalid.html')).toContain('every request')
  expect([...pages.values()].join('')).not.toMatch(/style="|<script/)
})
