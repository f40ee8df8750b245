/** Edit source: what a source says, written or taken from a file, checked line by line, with what saving it would do. */
import type { Connection, ConnectionSpec } from '@skerry/contract/connections/connection'
import { tagRowsOf } from '@skerry/core/tags/tag-rows'
import { useQuery } from '@tanstack/react-query'
import { useParams, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { Card, Page } from '../../components/card.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { ConnectionEditor } from './connection-editor.tsx'
import { sourcesTexts } from './english-sources.ts'
import { EquipmentCard } from './equipment/equipment-card.tsx'
import { sourceQueries } from './source-queries.ts'
import { readSourceText } from './source-text.ts'

const words = sourcesTexts.edit
const back = { to: '/sources', text: sourcesTexts.back } as const

/** The page at /sources/new. */
export const NewSourcePage = () => <Editor />

/** The page at /sources/ID/edit. */
export function EditSourcePage() {
  const { source } = useParams({ from: '/inside/sources/$source/edit' })
  const { browse } = useSearch({ from: '/inside/sources/$source/edit' })
  const { data, error, refetch } = useQuery(sourceQueries.one(source))
  // What it was when somebody began: what others do meanwhile is found when it is saved.
  const [first, setFirst] = useState(data)
  if (!first && data) setFirst(data)
  if (!first)
    return (
      <Page title={sourcesTexts.title} back={back}>
        <Card>{error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading rows={8} />}</Card>
      </Page>
    )
  return <Editor known={first.connection} spec={first.spec} browsed={browse} />
}

type EditorProps = { known?: Connection; spec?: ConnectionSpec; browsed?: string | undefined }

const Editor = ({ known, spec, browsed }: EditorProps) => (
  <ConnectionEditor
    {...{ kind: 'source', words, back, known, spec, read: readSourceText, says: SAYS, takesTags: true }}
    below={({ text, onText, scope, sound }) => (
      <EquipmentCard {...{ scope, sound, known, browsed }} editing={{ text, onText }} />
    )}
  />
)

const SAYS = {
  blank: words.blank,
  sound: (spec: ConnectionSpec) => words.sound(spec.name, tagRowsOf(spec).length),
}
