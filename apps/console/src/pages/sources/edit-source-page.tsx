/**
 * Edit source: the definition of a source, written or taken from a file. The page checks it line by line, and shows the
 * effect of saving it.
 */
import type { Connection, ConnectionSpec } from '@skerry/contract/connections/connection'
import { tagRowsOf } from '@skerry/core/tags/tag-rows'
import { useQuery } from '@tanstack/react-query'
import { useParams, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { Page } from '../../components/card.tsx'
import { WaitingCard } from '../../components/waiting-card.tsx'
import { ConnectionEditor } from './connection-editor.tsx'
import { sourcesTexts } from './english-sources.ts'
import { EquipmentCard } from './equipment/equipment-card.tsx'
import { sourceQueries } from './source-queries.ts'
import { readSourceText } from './source-text.ts'

const words = sourcesTexts.edit
const back = { to: '/sources', text: sourcesTexts.back } as const

/** Renders the page at /sources/new. */
export function NewSourcePage() {
  const { device } = useSearch({ from: '/inside/sources/new' })
  return <Editor device={device} />
}

/** Renders the page at /sources/ID/edit. */
export function EditSourcePage() {
  const { source } = useParams({ from: '/inside/sources/$source/edit' })
  const { browse } = useSearch({ from: '/inside/sources/$source/edit' })
  const { data, error, refetch } = useQuery(sourceQueries.one(source))
  // The state at the start of the edit. The hub detects later changes of others when the source is saved.
  const [first, setFirst] = useState(data)
  if (!first && data) setFirst(data)
  if (!first)
    return (
      <Page title={sourcesTexts.title} back={back}>
        <WaitingCard error={error} retry={refetch} />
      </Page>
    )
  return <Editor known={first.connection} spec={first.spec} browsed={browse} />
}

type EditorProps = {
  known?: Connection
  spec?: ConnectionSpec
  browsed?: string | undefined
  device?: string | undefined
}

const Editor = ({ known, spec, browsed, device }: EditorProps) => (
  <ConnectionEditor
    {...{ kind: 'source', words, back, known, spec, device, read: readSourceText, says: SAYS, takesTags: true }}
    below={({ text, onText, scope, sound }) => (
      <EquipmentCard {...{ scope, sound, known, browsed }} editing={{ text, onText }} />
    )}
  />
)

const SAYS = {
  blank: words.blank,
  sound: (spec: ConnectionSpec) => words.sound(spec.name, tagRowsOf(spec).length),
}
