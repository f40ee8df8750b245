/** About: the identity and state of the hub, and the permissions of the session's key. */
import { useQuery } from '@tanstack/react-query'
import { CircleCheck, CircleX } from 'lucide-react'
import { Card, Facts } from '../../components/card.tsx'
import { Badge } from '../../components/facts/badge.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { PermissionTags } from '../../components/facts/permission-tags.tsx'
import { Loading } from '../../components/page-state.tsx'
import { queries } from '../../hub/queries.ts'
import { LanguageCard } from './display/language-card.tsx'
import { settingsTexts } from './english-settings.ts'
import { organisationsTexts } from './organisations/english-organisations.ts'
import { OfOrganisation } from './organisations/of-organisation.tsx'
import { UseCard } from './organisations/use-card.tsx'
import { readiness } from './readiness.ts'

const words = settingsTexts.about

export function AboutTab() {
  const { data: about } = useQuery(queries.about())
  const { data: me } = useQuery(queries.me())
  const { data: ready } = useQuery(readiness())
  if (!about || !me)
    return (
      <Card>
        <Loading />
      </Card>
    )
  const who = me.kind === 'key' ? words.key : words.you
  const authority = URL.createObjectURL(new Blob([about.caPem], { type: 'application/x-pem-file' }))
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <Card title={words.hub}>
        <Facts
          rows={[
            [words.version, about.version],
            [words.health, ready && <Health key="health" isReady={ready.ready} problems={ready.problems} />],
            [words.clock, <Instant key="clock" ms={about.timeMs} isAbsolute />],
            [
              words.authority,
              <a
                key="authority"
                href={authority}
                download="skerry-ca.pem"
                className="rounded text-accent hover:underline"
              >
                {words.download}
              </a>,
            ],
            [
              words.guide,
              <a key="guide" href="/guide/" className="rounded text-accent hover:underline">
                {words.openGuide}
              </a>,
            ],
            [
              'API',
              <a key="api" href="/docs" className="rounded text-accent hover:underline">
                {words.api}
              </a>,
            ],
          ]}
        />
      </Card>
      <OfOrganisation title={organisationsTexts.use} permission="organisation.read" procedure="organisation.use">
        {() => <UseCard />}
      </OfOrganisation>
      <LanguageCard />
      <Card title={who}>
        <Facts
          rows={[
            [words.organisation, me.organisation],
            [who, me.name],
            [settingsTexts.keys.role, me.roles.join(', ')],
            [words.permissions, <PermissionTags key="permissions" permissions={me.permissions} />],
          ]}
        />
      </Card>
    </div>
  )
}

const Health = ({ isReady, problems }: { isReady: boolean; problems: readonly string[] }) => (
  <span className="flex flex-col gap-1">
    <Badge tone={isReady ? 'good' : 'bad'} icon={isReady ? CircleCheck : CircleX} isPlain>
      {isReady ? words.ready : words.notReady}
    </Badge>
    {problems.map((problem) => (
      <span key={problem} className="text-xs text-bad">
        {problem}
      </span>
    ))}
  </span>
)
