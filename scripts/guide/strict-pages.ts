/**
 * Strict pages: built pages under the policy of the hub's pages, which allows no inline code and no inline style. Inline
 * scripts become files; equal ones share a file. The few inline styles are set again by the page's own code.
 */
import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The address of the site on a hub. */
export const BASE = '/guide/'

const INLINE = /<script(?<attributes>(?![^>]*\ssrc=)[^>]*)>(?<code>[\s\S]*?)<\/script>/g
const STYLE = /(<[a-z][^<>]*?) style="[^"]*"/g

/** Changes the pages of the folder. */
export async function makeStrict(folder: string): Promise<void> {
  const scripts = new Map<string, string>()
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.html'))
  for (const name of names) {
    const html = await readFile(join(folder, name), 'utf8')
    await writeFile(join(folder, name), strictPage(html, scripts))
  }
  for (const [name, code] of scripts) await writeFile(join(folder, 'assets', name), code)
}

/** The page without inline code and styles; adds each script to the map under the name of its file. */
export const strictPage = (html: string, scripts: Map<string, string>): string =>
  html.replace(STYLE, '$1').replace(INLINE, (_whole, attributes: string, code: string) => {
    const name = `inline.${createHash('sha256').update(code).digest('hex').slice(0, 16)}.js`
    scripts.set(name, code)
    return `<script${attributes} src="${BASE}assets/${name}"></script>`
  })
