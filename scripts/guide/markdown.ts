/**
 * Markdown of the site: as GitHub shows it. No HTML, no attributes, no templates and no emoji codes in the text, and no
 * inline style, which the policy of the hub's pages forbids.
 */
import type { MarkdownOptions, MarkdownRenderer } from 'vitepress'
import { githubSlug } from './github-slug.ts'

export const markdownOptions: MarkdownOptions = {
  html: false,
  linkify: false,
  attrs: { disable: true },
  anchor: { slugify: githubSlug },
  headers: { level: [2, 3], slugify: githubSlug },
  toc: { slugify: githubSlug },
  image: { lazyLoading: true },
  // Shiki writes an inline style for each word.
  highlight: (code) => `<pre tabindex="0"><code>${escapeHtml(code)}</code></pre>`,
  config: installRules,
}

function installRules(md: MarkdownRenderer): void {
  md.core.ruler.disable('emoji', true)
  const render = md.renderer.render.bind(md.renderer)
  // Braces of a document are text, and no template.
  md.renderer.render = (tokens, options, env) => `<div v-pre>${render(tokens, options, env)}</div>`
  // A wide table scrolls, also by keys.
  md.renderer.rules.table_open = () => '<table tabindex="0">\n'
  for (const name of ['th_open', 'td_open']) {
    md.renderer.rules[name] = (tokens, index, options, _env, self) => {
      const token = tokens[index]
      const align = /text-align:(\w+)/.exec(String(token?.attrGet('style') ?? ''))?.[1]
      if (token?.attrs && align) token.attrs = [...token.attrs.filter(([key]) => key !== 'style'), ['align', align]]
      return self.renderToken(tokens, index, options)
    }
  }
}

const escapeHtml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
