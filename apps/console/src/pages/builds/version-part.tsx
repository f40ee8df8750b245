/** Version part: a page about builds of one version, with the way back to it. Only kinds with builds have these pages. */
import type { VersionDetail } from '@skerry/contract/models/model'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, Suspense } from 'react'
import { Card, Page } from '../../components/card.tsx'
import { Loading } from '../../components/page-state.tsx'
import { WaitingCard } from '../../components/waiting-card.tsx'
import { queries } from '../../hub/queries.ts'
import { texts } from '../../texts/english.ts'
import { buildTexts } from './english-builds.ts'

type Part = (props: { version: VersionDetail }) => ReactNode

type PartProps = {
  model: string
  version: string
  title: (name: string) => string
  lead: string
  /** The part for this kind of version; undefined if it has none. */
  partOf: (version: VersionDetail) => Part | undefined
  actions?: (version: VersionDetail) => ReactNode
}

export function VersionPart({ model, version, title, lead, partOf, actions }: PartProps) {
  const { data, error, refetch } = useQuery(queries.version(model, version))
  const name = `${model}:${version}`
  const Content = data && partOf(data)
  return (
    <Page
      title={title(name)}
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
          <span aria-hidden>·</span>
          <span>{lead}</span>
        </>
      }
      actions={data && Content && actions?.(data)}
    >
      {!data && <WaitingCard error={error} retry={refetch} />}
      {data && !Content && (
        <Card>
          <p className="text-sm text-soft">{buildTexts.refusal}</p>
        </Card>
      )}
      {data && Content && (
        <Suspense
          fallback={
            <Card>
              <Loading rows={8} />
            </Card>
          }
        >
          <Content key={data.id} version={data} />
        </Suspense>
      )}
    </Page>
  )
}
