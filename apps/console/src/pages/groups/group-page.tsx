/** Group: its members, its selector, and the things that name it. */
import type { GroupDetail, GroupUse } from '@skerry/contract/groups/group'
import { groupTag } from '@skerry/contract/values/entity-tag'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Card, Facts, Page } from '../../components/card.tsx'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { WaitingCard } from '../../components/waiting-card.tsx'
import { hub } from '../../hub/hub-client.ts'
import { groupsTexts as words } from './english-groups.ts'
import { GroupDialog } from './group-dialog.tsx'
import { groupQueries } from './group-queries.ts'

const back = { to: '/groups', text: words.back } as const

/** Renders the page at /groups/NAME. */
export function GroupPage() {
  const { group: name } = useParams({ from: '/inside/groups/$group' })
  const { data, error, refetch } = useQuery(groupQueries.one(name))
  if (!data)
    return (
      <Page title={name} back={back}>
        <WaitingCard error={error} retry={refetch} />
      </Page>
    )
  return (
    <Page title={name} back={back} lead={data.spec.description} actions={<Actions group={data} />}>
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,2fr)_minmax(18rem,1fr)]">
        <MembersCard group={data} />
        <div className="flex min-w-0 flex-col gap-4">
          <RulesCard group={data} />
          <UsesCard uses={data.uses} />
        </div>
      </div>
    </Page>
  )
}

const LINK = 'rounded hover:text-accent hover:underline'

function MembersCard({ group: { name, members } }: { group: GroupDetail }) {
  const text = words.members
  const more = members.count - members.devices.length
  return (
    <Card title={text.title(members.count)}>
      {members.count === 0 && <p className="text-sm text-soft">{text.none}</p>}
      <ul className="flex flex-col divide-y divide-line text-sm">
        {members.devices.map(({ id, name: device, site }) => (
          <li key={id} className="flex items-center justify-between gap-3 py-2 first:pt-0">
            <Link to="/devices/$device" params={{ device }} className={`min-w-0 truncate font-medium ${LINK}`}>
              {device}
            </Link>
            <span className="truncate text-soft">{site}</span>
          </li>
        ))}
      </ul>
      {more > 0 && <p className="pt-2 text-sm text-soft">{text.more(more)}</p>}
      {members.count > 0 && (
        <p className="pt-3 text-sm">
          <Link to="/devices" search={{ q: `group:${name}` }} className="rounded text-accent hover:underline">
            {text.all}
          </Link>
        </p>
      )}
    </Card>
  )
}

function RulesCard({ group: { name, spec, changedAtMs, changedBy } }: { group: GroupDetail }) {
  const { rows, title, by } = words.rules
  return (
    <Card title={title}>
      <Facts
        rows={[
          [
            rows.selector,
            <code key="selector" className="font-mono text-xs wrap-anywhere">
              {spec.selector}
            </code>,
          ],
          [
            rows.written,
            <code key="written" className="font-mono text-xs wrap-anywhere">
              group:{name}
            </code>,
          ],
          [
            rows.changed,
            <span key="changed">
              <Instant ms={changedAtMs} /> {by(changedBy)}
            </span>,
          ],
        ]}
      />
    </Card>
  )
}

function UsesCard({ uses }: { uses: readonly GroupUse[] }) {
  const { title, none, kinds } = words.uses
  return (
    <Card title={title}>
      {uses.length === 0 && <p className="text-sm text-soft">{none}</p>}
      <ul className="flex flex-col gap-1.5 text-sm">
        {uses.map((use) => (
          <li key={`${use.kind} ${use.name}`} className="wrap-anywhere">
            <span className="text-soft">{kinds[use.kind]}</span> <UseName use={use} />
          </li>
        ))}
      </ul>
    </Card>
  )
}

function UseName({ use: { kind, name } }: { use: GroupUse }) {
  switch (kind) {
    case 'deployment':
      return (
        <Link to="/deployments/$deployment" params={{ deployment: name }} className={`font-medium ${LINK}`}>
          {name}
        </Link>
      )
    case 'campaign':
      return (
        <Link to="/campaigns/$name" params={{ name }} className={`font-medium ${LINK}`}>
          {name}
        </Link>
      )
    case 'role':
    case 'approval-rule':
      return <span className="font-medium">{name}</span>
  }
}

function Actions({ group }: { group: GroupDetail }) {
  const [asked, setAsked] = useState<{ act: 'change' | 'remove'; group: GroupDetail }>()
  const navigate = useNavigate()
  const client = useQueryClient()
  const close = () => setAsked(undefined)
  const remove = async (seen: GroupDetail) => {
    await hub.group.remove({ group: seen.name }, { context: { ifMatch: groupTag(seen) } })
    await navigate({ to: '/groups' })
    await client.invalidateQueries({ queryKey: groupQueries.list().queryKey })
  }
  return (
    <>
      <GuardedButton permission="group.write" onClick={() => setAsked({ act: 'change', group })}>
        {words.change}
      </GuardedButton>
      <GuardedButton permission="group.write" look="danger" onClick={() => setAsked({ act: 'remove', group })}>
        {words.remove}
      </GuardedButton>
      {asked?.act === 'change' && <GroupDialog known={asked.group} onClose={close} />}
      {asked?.act === 'remove' && (
        <Confirmation
          title={words.removeTitle(group.name)}
          lead={words.removeLead}
          verb={words.remove}
          isDanger
          run={() => remove(asked.group)}
          done={words.removed(group.name)}
          onClose={close}
        />
      )}
    </>
  )
}
