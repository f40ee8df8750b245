/** Apps: all of them, each with its newest release, the deployments that use it, and its health. */
import { modelLanguage } from '@skerry/core/language/row-language'
import { Link } from '@tanstack/react-router'
import { Container } from 'lucide-react'
import { CopyButton } from '../../components/facts/copyable.tsx'
import { KindListPage } from '../models/kind-list-page.tsx'
import { appTexts as words } from './english-apps.ts'

/** Renders the page at /apps. */
export function AppsPage() {
  return (
    <KindListPage
      kind="app"
      language={modelLanguage}
      words={words}
      link={nameLink}
      icon={Container}
      empty={{ hint: <PushHint /> }}
    />
  )
}

const nameLink = (name: string) => (
  <Link to="/apps/$app" params={{ app: name }} className="rounded font-medium hover:text-accent hover:underline">
    {name}
  </Link>
)

const PushHint = () => (
  <>
    {words.emptyHint}
    <span className="mt-3 flex items-center justify-center gap-1">
      <code className="rounded-md bg-raised px-2.5 py-1 font-mono text-xs text-text">{words.push}</code>
      <CopyButton value={words.push} what={words.push} />
    </span>
  </>
)
