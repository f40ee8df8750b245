/** Site actions: the actions on a site. */

import type { Site } from '@skerry/contract/sites/site'
import { siteTag } from '@skerry/contract/values/entity-tag'
import { useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { Button, GuardedButton } from '../../components/button.tsx'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'
import { Dialog } from '../../components/dialogs/dialog.tsx'
import { hub } from '../../hub/hub-client.ts'
import { texts } from '../../texts/english.ts'
import { NewTokenDialog } from '../settings/joining/new-token-dialog.tsx'
import { sitePageTexts } from './english-site.ts'
import { SiteDialog } from './site-dialog.tsx'

const words = sitePageTexts.site

export function SiteActions({ site }: { site: Site }) {
  const [action, setAction] = useState<'join' | 'edit' | 'remove'>()
  const close = () => setAction(undefined)
  return (
    <>
      <GuardedButton permission="token.write" look="primary" onClick={() => setAction('join')}>
        <Plus size={15} aria-hidden />
        {words.actions.join}
      </GuardedButton>
      <GuardedButton permission="site.write" onClick={() => setAction('edit')}>
        {words.actions.edit}
      </GuardedButton>
      <GuardedButton permission="site.write" look="danger" onClick={() => setAction('remove')}>
        {words.actions.remove}
      </GuardedButton>
      {action === 'join' && <NewTokenDialog site={site.name} onClose={close} />}
      {action === 'edit' && <SiteDialog site={site} onClose={close} />}
      {action === 'remove' &&
        (site.deviceCount > 0 ? <Occupied site={site} onClose={close} /> : <Removal site={site} onClose={close} />)}
    </>
  )
}

/** Names the devices that prevent the removal, with a link to them. */
function Occupied({ site: { name, deviceCount }, onClose }: { site: Site; onClose: () => void }) {
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={words.occupiedTitle(name)}
      lead={words.occupiedLead(deviceCount)}
      footer={
        <>
          <Button onClick={onClose}>{texts.common.close}</Button>
          <Link
            to="/devices"
            search={{ q: `site.name == "${name}"` }}
            className="inline-flex h-8.5 items-center rounded-md bg-accent px-3 text-sm font-medium text-on-accent hover:bg-accent-strong"
          >
            {words.occupiedLink}
          </Link>
        </>
      }
    />
  )
}

function Removal({ site, onClose }: { site: Site; onClose: () => void }) {
  const navigate = useNavigate()
  const client = useQueryClient()
  const { name } = site
  const [ifMatch] = useState(siteTag(site))
  return (
    <Confirmation
      title={words.removeTitle(name)}
      lead={words.removeLead}
      verb={words.actions.remove}
      isDanger
      typedName={name}
      run={async () => {
        await hub.site.remove({ site: name }, { context: { ifMatch } })
        await navigate({ to: '/sites' })
        client.removeQueries({ queryKey: ['sites', 'one', name] })
      }}
      done={words.removed(name)}
      onClose={onClose}
    />
  )
}
