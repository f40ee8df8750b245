/** The page for a console that has not been built: the reason, and the next step. */
import { createHash } from 'node:crypto'

const STYLE = `
:root { color-scheme: light dark; font: 17px/1.6 system-ui, sans-serif }
body { max-width: 34rem; margin: 18vh auto; padding: 0 1.5rem }
h1 { font-size: 1.4rem } code { font-family: ui-monospace, monospace }
`

/** The page, and the policy that allows its single style. */
export const NOT_BUILT = {
  html: `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Skerry</title>
<style>${STYLE}</style>
<h1>The hub runs, but its console has not been built</h1>
<p>In the folder of the repository, run <code>npm run build -w @skerry/console</code> and load this page again.
<code>npm start</code> does it by itself.
<p>Everything else works meanwhile: <code>skerry status</code>, and the <a href="/docs">API</a>.
</html>
`,
  policy: `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; frame-ancestors 'none'`,
}
