/** Settings of the documentation site. It loads nothing from elsewhere, and its search runs in the reader's browser. */
import type { MarkdownRenderer, UserConfig } from 'vitepress'
import { markdownOptions } from './markdown.ts'
import { sidebar } from './sidebar.ts'
import { BASE } from './strict-pages.ts'

export const siteConfig: UserConfig = {
  base: BASE,
  lang: 'en',
  title: 'Skerry',
  description: 'Deploys machine-learning models to many locations at once, and keeps them right there',
  // Without a change of colours in steps: the theme would write an inline style for it.
  appearance: { disableTransition: false },
  cleanUrls: false,
  head: [['link', { rel: 'icon', href: `${BASE}mark.svg`, type: 'image/svg+xml' }]],
  metaChunk: true,
  lastUpdated: false,
  markdown: markdownOptions,
  vite: { logLevel: 'warn', build: { chunkSizeWarningLimit: 5_000 } },
  themeConfig: {
    nav: [
      { text: 'Tutorials', link: '/tutorials/data-scientist' },
      { text: 'Limits and sizing', link: '/guide/sizing' },
      { text: 'Errors', link: '/reference/errors' },
      { text: 'Commands', link: '/reference/cli' },
    ],
    sidebar,
    outline: { level: [2, 3] },
    search: { provider: 'local', options: { _render: textForSearch } },
    docFooter: { prev: false, next: false },
  },
}

/** The records of decisions are long, and answer other questions than a reader who searches has. */
function textForSearch(source: string, env: { relativePath: string }, md: MarkdownRenderer): string {
  return env.relativePath.startsWith('adr/') ? '' : md.render(source, env)
}
