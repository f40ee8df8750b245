/** Flows: all of them, each with its newest version, the deployments that use it, and its health. */
import { flowLanguage } from '@skerry/core/language/row-language'
import { Link } from '@tanstack/react-router'
import { Upload, Workflow } from 'lucide-react'
import { BUTTON_LINK } from '../models/button-link.ts'
import { KindListPage } from '../models/kind-list-page.tsx'
import { flowPageTexts as words } from './english-flow-pages.ts'

/** Renders the page at /flows. */
export function FlowsPage() {
  return (
    <KindListPage
      kind="flow"
      language={flowLanguage}
      words={words}
      link={nameLink}
      icon={Workflow}
      actions={
        <Link to="/flows/upload" className={BUTTON_LINK.primary}>
          <Upload size={15} aria-hidden />
          {words.upload}
        </Link>
      }
    />
  )
}

const nameLink = (name: string) => (
  <Link to="/flows/$flow" params={{ flow: name }} className="rounded font-medium hover:text-accent hover:underline">
    {name}
  </Link>
)
