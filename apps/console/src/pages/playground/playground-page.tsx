/** Playground page: a person tries a version on a device that serves it. */
import type { VersionDetail } from '@skerry/contract/models/model'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { Suspense } from 'react'
import { Card, Page } from '../../components/card.tsx'
import { Loading } from '../../components/page-state.tsx'
import { WaitingCard } from '../../components/waiting-card.tsx'
import { queries } from '../../hub/queries.ts'
import { kindRow, refusalOf } from '../../kinds/kinds.ts'
import { texts } from '../../texts/english.ts'
import { playgroundWords as words } from './english-playground.ts'

/** The page at /models/NAME/versions/NUMBER/playground. The device is in the address. */
export function PlaygroundPage() {
  const { model, version } = useParams({ from: '/inside/models/$model/versions/$version/playground' })
  const { data, error, refetch } = useQuery(queries.version(model, version))
  const name = `${model}:${version}`
  return (
    <Page
      title={words.title(name)}
      back={{ to: '/models', text: texts.model.back }}
      lead={
        <>
          <Link
            to="/models/$model/versions/$version"
            params={{ model, version }}
            className="rounded font-medium text-text hover:underline"
          >
            {name}
          </Link>
          <span className="w-full">{words.lead}</span>
        </>
      }
    >
      {!data && <WaitingCard error={error} retry={refetch} />}
      {data && <Tried key={data.id} version={data} />}
    </Page>
  )
}

function Tried({ version }: { version: VersionDetail }) {
  const { Playground } = kindRow(version.kind)
  return Playground ? (
    <Suspense
      fallback={
        <Card>
          <Loading rows={8} />
        </Card>
      }
    >
      <Playground version={version} />
    </Suspense>
  ) : (
    <Card>
      <p className="text-sm text-soft">{refusalOf(version.kind)}</p>
    </Card>
  )
}
