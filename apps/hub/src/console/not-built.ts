/** The pages for a console or a documentation site that has not been built: the reason, and the next step. */
import { createHash } from 'node:crypto'

const STYLE = `
:root { color-scheme: light dark; font: 17px/1.6 system-ui, sans-serif }
body { max-width: 34rem; margin: 18vh auto; padding: 0 1.5rem }
h1 { font-size: 1.4rem } code { font-family: ui-monospace, monospace }
`

/** The policy that allows the single style of these pages. */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; frame-ancestors 'none'`

export const CONSOLE_NOT_BUILT = notBuilt(
  'The hub runs, but its console has not been built',
  `<p>In the folder of the repository, run <code>npm run build -w @skerry/console</code> and load this page again.
<code>npm start</code> does it by itself.
<p>Everything else works meanwhile: <code>skerry status</code>, and the <a href="/docs">API</a>.`,
)

export const GUIDE_NOT_BUILT = notBuilt(
  'The hub runs, but its documentation has not been built',
  `<p>In the folder of the repository, run <code>npm run guide</code> and load this page again. The folder
<code>docs</code> holds the same pages as text.`,
)

function notBuilt(title: string, paragraphs: string) {
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Skerry</title>
<style>${STYLE}</style>
<h1>${title}</h1>
${paragraphs}
</html>
`
  return { html, policy: POLICY }
}
