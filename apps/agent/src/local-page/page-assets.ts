/**
 * Page assets: style and script of the local page. The policy of the page allows nothing else, and nothing from another
 * server. The page works without the script, which only keeps it fresh.
 */

export const PAGE_STYLE = `
:root { color-scheme: light dark; --line: #8885; --quiet: #666; --bad: #b3261e; --good: #1b6e35 }
@media (prefers-color-scheme: dark) { :root { --quiet: #aaa; --bad: #ff8a80; --good: #7bd88f } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 72rem; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif }
header { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: baseline; border-bottom: 1px solid var(--line) }
header form { margin-left: auto }
h1 { font-size: 1.4rem; margin: .5rem 0 }
h2 { font-size: 1.1rem; margin: 1.5rem 0 .5rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere }
th { font-weight: 600 }
td form { display: inline }
.scroll { overflow-x: auto }
.quiet { color: var(--quiet) }
.bad { color: var(--bad) }
.good { color: var(--good) }
button, input { font: inherit; padding: .3rem .8rem }
label { display: block; margin: 1rem 0 .25rem }
:focus-visible { outline: 3px solid #3584e4; outline-offset: 2px }
`

/**
 * Replaces the main part every three seconds. It stops when nobody looks, and while a person works in it with the
 * keyboard. After the session has ended, it opens the page to sign in.
 */
export const PAGE_SCRIPT = `
const main = () => document.querySelector('main[data-fresh]')
async function refresh() {
  if (document.hidden || !main() || main().contains(document.activeElement)) return
  const answer = await fetch(location.href, { redirect: 'manual' })
  if (answer.type === 'opaqueredirect') return location.assign('/login')
  if (!answer.ok) return
  const next = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('main')
  if (next && !main().contains(document.activeElement)) main().replaceWith(document.adoptNode(next))
  document.querySelector('#away').hidden = true
}
setInterval(() => refresh().catch(() => { document.querySelector('#away').hidden = false }), 3000)
`
