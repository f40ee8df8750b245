/**
 * `npm run guide`: builds the documentation site from docs/ into apps/console/dist/guide, as the hub serves it below
 * /guide. With --if-changed it does nothing if nothing changed. The build fails at a dead link.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { build } from 'vitepress'
import { compressFolder } from '../../apps/console/scripts/compress-folder.ts'
import { STAMP_NAME, takePlace } from '../../apps/console/scripts/take-place.ts'
import { ROOT } from '../step.ts'
import { errorPages } from './error-pages.ts'
import { OUTER_PAGES, placeOf, stagedPage } from './staged-page.ts'
import { makeStrict } from './strict-pages.ts'

const OUT = join(ROOT, 'apps/console/dist/guide')
const STAMP = join(OUT, STAMP_NAME)

/** A hundred pages: 11 would take longer than the rest of the build, and save a twentieth. */
const BROTLI_QUALITY = 9

const isForChanges = process.argv.includes('--if-changed')
const pages = await pagePaths()
const sources = await hashOf(pages)
const isFresh = isForChanges && existsSync(STAMP) && (await readFile(STAMP, 'utf8')) === sources
if (!isFresh) await make()

async function make(): Promise<void> {
  // A test may call this program, and sets another value.
  process.env.NODE_ENV = 'production'
  const work = join(ROOT, `.skerry/guide-${process.pid}`)
  const fresh = join(ROOT, `apps/console/dist/guide-${process.pid}`)
  try {
    await stage(work)
    await build(work, { outDir: fresh })
    await makeStrict(fresh)
    await writeErrorPages(fresh)
    await compressFolder(fresh, BROTLI_QUALITY)
    await writeFile(join(fresh, STAMP_NAME), sources)
    await takePlace(fresh, OUT, isForChanges)
  } finally {
    await Promise.all([work, fresh].map((folder) => rm(folder, { recursive: true, force: true })))
  }
}

async function writeErrorPages(folder: string): Promise<void> {
  await mkdir(join(folder, 'errors'), { recursive: true })
  for (const [path, page] of errorPages()) await writeFile(join(folder, path), page)
}

/** VitePress reads its pages and its settings below one folder. */
async function stage(work: string): Promise<void> {
  const settings = join(work, '.vitepress')
  await mkdir(join(settings, 'theme'), { recursive: true })
  const own = import.meta.dirname
  await writeFile(
    join(settings, 'config.ts'),
    `export { siteConfig as default } from '${join(own, 'site-config.ts')}'\n`,
  )
  const theme = ["import theme from 'vitepress/theme-without-fonts'", `import '${join(own, 'site.css')}'`]
  await writeFile(join(settings, 'theme/index.ts'), `${theme.join('\n')}\nexport default theme\n`)
  await cp(join(ROOT, 'apps/console/src/theme/mark.svg'), join(work, 'public/mark.svg'))
  for (const path of pages) {
    const target = join(work, placeOf(path) ?? path)
    await mkdir(dirname(target), { recursive: true })
    if (path.endsWith('.md')) await writeFile(target, stagedPage(path, await readFile(join(ROOT, path), 'utf8')))
    else await cp(join(ROOT, path), target)
  }
}

/** The documents, and their pictures. */
async function pagePaths(): Promise<string[]> {
  const found = await readdir(join(ROOT, 'docs'), { recursive: true })
  const own = found.filter((name) => /\.(md|png|svg)$/.test(name)).map((name) => `docs/${name}`)
  return [...own, ...Object.keys(OUTER_PAGES)].sort()
}

async function hashOf(paths: readonly string[]): Promise<string> {
  const settings = (await readdir(import.meta.dirname)).map((name) => `scripts/guide/${name}`)
  const hash = createHash('sha256')
  for (const path of [...paths, ...settings.sort(), 'package-lock.json']) {
    hash.update(path).update(await readFile(join(ROOT, path)))
  }
  for (const [path, page] of errorPages()) hash.update(path).update(page)
  return hash.digest('hex')
}
