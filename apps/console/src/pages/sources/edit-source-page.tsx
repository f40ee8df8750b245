/** Edit source: what a source says, written or taken from a file, checked line by line, with what saving it would do. */
import type { Connection, ConnectionSpec } from '@skerry/contract/connection'
import { tagRowsOf } from '@skerry/core/tag-rows'
import { useQuery } from '@tanstack/react-query'
import { useParams, useSearch } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { Card, Page } from '../../components/card.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { sourceQueries } from '../../hub/source-queries.ts'
import { sourcesTexts } from '../../texts/english-sources.ts'
import { ChecksCard } from './checks-card.tsx'
import { EquipmentCard } from './equipment/equipment-card.tsx'
import { goToLine } from './go-to-line.ts'
import { PlaceFields } from './place-fields.tsx'
import { ReachCard } from './reach-card.tsx'
import { SaveBar } from './save-bar.tsx'
import { readSourceText, sourceTextOf } from './source-text.ts'
import { TextField } from './text-field.tsx'

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

function Editor({ known, spec, browsed }: EditorProps) {
  const [text, setText] = useState(() => (spec ? sourceTextOf(spec) : ''))
  const [scope, setScope] = useState(known?.scope ?? 'organisation')
  const area = useRef<HTMLTextAreaElement>(null)
  const read = readSourceText(text)
  const isRenamed = known !== undefined && read.spec !== undefined && read.spec.name !== known.name
  const flaws = isRenamed ? [{ line: 1, message: words.named }] : read.flaws
  const sound = flaws.length === 0 ? read.spec : undefined
  return (
    <Page title={known ? words.changeTitle(known.name) : words.newTitle} back={back}>
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(19rem,2fr)]">
        <Card>
          <div className="flex flex-col gap-4">
            {!known && <PlaceFields scope={scope} onChange={setScope} />}
            <TextField area={area} text={text} flaws={flaws} onChange={setText} takesTags />
          </div>
        </Card>
        <div className="flex min-w-0 flex-col gap-4">
          <ChecksCard flaws={flaws} sound={sound} says={SAYS} onLine={(line) => goToLine(area.current, line)} />
          <ReachCard kind="source" scope={scope} sound={sound} />
          <SaveBar kind="source" known={known} scope={scope} sound={sound} />
        </div>
      </div>
      <EquipmentCard {...{ scope, sound, known, browsed }} editing={{ text, onText: setText }} />
    </Page>
  )
}

const SAYS = {
  blank: words.blank,
  sound: (spec: ConnectionSpec) => words.sound(spec.name, tagRowsOf(spec).length),
}
