/** About: what hub this is, how it is, and what the key behind the session may do. */
import { useQuery } from '@tanstack/react-query'
import { CircleCheck, CircleX } from 'lucide-react'
import { Badge } from '../../components/badge.tsx'
import { Card, Facts } from '../../components/card.tsx'
import { Instant } from '../../components/instant.tsx'
import { Loading } from '../../components/page-state.tsx'
import { queries } from '../../hub/queries.ts'
import { readiness } from '../../hub/readiness.ts'
import { texts } from '../../texts/english.ts'

const words = texts.settings.about

/** The tab. */
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
              'API',
              <a key="api" href="/docs" className="rounded text-accent hover:underline">
                {words.api}
              </a>,
            ],
          ]}
        />
      </Card>
      <Card title={words.key}>
        <Facts
          rows={[
            [words.organisation, me.organisation],
            [words.key, me.name],
            [texts.settings.keys.role, texts.settings.keys.roles[me.role]],
            [
              words.permissions,
              <ul key="permissions" className="flex flex-wrap gap-1">
                {me.permissions.map((permission) => (
                  <li key={permission} className="rounded bg-raised px-1.5 font-mono text-2xs leading-5 text-soft">
                    {permission}
                  </li>
                ))}
              </ul>,
            ],
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
