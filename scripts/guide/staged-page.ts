/**
 * Staged page: a document of the repository as the site shows it. A link to another page of the site stays a link. A
 * link to code becomes the name of the file, because the site holds no code.
 */
import { posix } from 'node:path'

/** Documents outside of docs/ that are pages too, and their names on the site. */
export const OUTER_PAGES: Readonly<Record<string, string>> = {
  'ARCHITECTURE.md': 'architecture.md',
  'CHANGELOG.md': 'changelog.md',
  'CONTRIBUTING.md': 'contributing.md',
  'SECURITY.md': 'security.md',
}

/** The start page: its file lies in a folder of docs/, and its address is that of the site. */
const START_PAGE = 'docs/guide/index.md'

const LINK = /(?<mark>!?)\[(?<text>(?:[^[\]]|\[[^[\]]*\])*)\]\((?<target>[^()\s]+)\)/g

/** The place of a page on the site; undefined for a file that is no page. */
export function placeOf(path: string): string | undefined {
  if (path === START_PAGE) return 'index.md'
  if (path.startsWith('docs/') && /\.(md|png|svg|json)$/.test(path)) return path.slice('docs/'.length)
  return OUTER_PAGES[path]
}

/** The text of a page with the links of the site. `path` is its place in the repository. */
export function stagedPage(path: string, markdown: string): string {
  const fences = /^(?<fence>`{3,}|~{3,})[\s\S]*?^\k<fence>.*$/gm
  const parts: string[] = []
  let end = 0
  for (const found of markdown.matchAll(fences)) {
    parts.push(withSiteLinks(path, markdown.slice(end, found.index)), found[0])
    end = found.index + found[0].length
  }
  return [...parts, withSiteLinks(path, markdown.slice(end))].join('')
}

const withSiteLinks = (path: string, text: string): string =>
  text.replace(LINK, (whole, mark: string, label: string, target: string) => {
    if (/^([a-z]+:|#)/i.test(target)) return whole
    const [file = '', anchor] = target.split('#')
    const place = placeOf(posix.join(posix.dirname(path), file))
    // A label that holds a picture keeps it, with the place of the picture.
    const inner = label.includes('](') ? withSiteLinks(path, label) : label
    if (place === undefined)
      return inner.includes('`') ? inner : `${inner} (\`${posix.join(posix.dirname(path), file)}\`)`
    if (place.endsWith('.json')) return inner
    return `${mark}[${inner}](/${place}${anchor === undefined ? '' : `#${anchor}`})`
  })
