/** Security: what intrusion detection has found, the rules by which it looks, and who else is told. */
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Page } from '../../components/card.tsx'
import { Hidden } from '../../components/hidden.tsx'
import { PageTabs } from '../../components/page-tabs.tsx'
import { useRefusal } from '../../hub/permission.ts'
import { SECURITY_TABS } from '../../search.ts'
import { securityTexts as words } from './english-security.ts'
import { FindingDrawer } from './finding-drawer.tsx'
import { FindingsTab } from './findings-tab.tsx'
import { RulesTab } from './rules-tab.tsx'
import { WebhookTab } from './webhook-tab.tsx'

const CONTENT = { findings: FindingsTab, rules: RulesTab, webhook: WebhookTab }

/** The page at /security; tab, filter and the finding that is open are in the address. */
export function SecurityPage() {
  const refusal = useRefusal('intrusion.read', 'intrusion.list')
  if (refusal === undefined) return <Security />
  return (
    <Page title={words.title}>
      <Hidden reason={refusal} />
    </Page>
  )
}

function Security() {
  const { tab = 'findings', finding } = useSearch({ from: '/inside/security' })
  const navigate = useNavigate({ from: '/security' })
  const close = () => void navigate({ search: (before) => ({ ...before, finding: undefined }), replace: true })
  return (
    <Page isFull title={words.title}>
      <PageTabs
        label={words.title}
        names={words.tabs}
        tabs={SECURITY_TABS}
        value={tab}
        onChange={(next) => void navigate({ search: { tab: next } })}
        content={CONTENT}
      />
      {finding !== undefined && <FindingDrawer id={finding} onClose={close} />}
    </Page>
  )
}
