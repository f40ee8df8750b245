/** Edit sink: what a sink says, written or taken from a file, checked line by line, with what saving it would do. */
import type { Connection, ConnectionSpec } from '@skerry/contract/connection'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { stringify } from 'yaml'
import { Card, Page } from '../../components/card.tsx'
import { Hidden } from '../../components/hidden.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { useRefusal } from '../../hub/permission.ts'
import { sinkQueries } from '../../hub/sink-queries.ts'
import { sinksTexts } from '../../texts/english-sinks.ts'
import { ChecksCard } from '../sources/checks-card.tsx'
import { goToLine } from '../sources/go-to-line.ts'
import { PlaceFields } from '../sources/place-fields.tsx'
import { ReachCard } from '../sources/reach-card.tsx'
import { SaveBar } from '../sources/save-bar.tsx'
import { TextField } from '../sources/text-field.tsx'
import { readSinkText } from './sink-text.ts'

const words = sinksTexts.edit
const back = { to: '/sinks', text: sinksTexts.back } as const
const SAYS = {
  blank: words.blank,
  sound: ({ name, protocol }: ConnectionSpec) => words.sound(name, String(protocol)),
}

/** The page at /sinks/new. */
export function NewSinkPage() {
  const refusal = useRefusal('connection.read', 'sink.plan')
  return refusal === undefined ? <Editor /> : <Refused reason={refusal} />
}

/** The page at /sinks/ID/edit. */
export function EditSinkPage() {
  const { sink } = useParams({ from: '/inside/sinks/$sink/edit' })
  const refusal = useRefusal('connection.read', 'sink.get')
  const { data, error, refetch } = useQuery({ ...sinkQueries.one(sink), enabled: refusal === undefined })
  // What it was when somebody began: what others do meanwhile is found when it is saved.
  const [first, setFirst] = useState(data)
  if (!first && data) setFirst(data)
  if (first) return <Editor known={first.connection} spec={first.spec} />
  if (refusal !== undefined) return <Refused reason={refusal} />
  return (
    <Page title={sinksTexts.title} back={back}>
      <Card>{error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading rows={8} />}</Card>
    </Page>
  )
}

const Refused = ({ reason }: { reason: string }) => (
  <Page title={sinksTexts.title} back={back}>
    <Hidden reason={reason} />
  </Page>
)

type EditorProps = { known?: Connection; spec?: ConnectionSpec }

function Editor({ known, spec }: EditorProps) {
  const [text, setText] = useState(() => (spec ? stringify(spec, { lineWidth: 140 }) : ''))
  const [scope, setScope] = useState(known?.scope ?? 'organisation')
  const area = useRef<HTMLTextAreaElement>(null)
  const read = readSinkText(text)
  const isRenamed = known !== undefined && read.value !== undefined && read.value.name !== known.name
  const flaws = isRenamed ? [{ line: 1, message: words.named }] : read.flaws
  const sound = flaws.length === 0 ? read.value : undefined
  return (
    <Page title={known ? words.changeTitle(known.name) : words.newTitle} back={back}>
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(19rem,2fr)]">
        <Card>
          <div className="flex flex-col gap-4">
            {!known && <PlaceFields scope={scope} onChange={setScope} />}
            <TextField area={area} text={text} flaws={flaws} onChange={setText} />
            <p className="text-xs text-soft">{words.secrets}</p>
          </div>
        </Card>
        <div className="flex min-w-0 flex-col gap-4">
          <ChecksCard flaws={flaws} sound={sound} says={SAYS} onLine={(line) => goToLine(area.current, line)} />
          <ReachCard kind="sink" scope={scope} sound={sound} />
          {known && <p className="text-sm text-soft">{words.queues}</p>}
          <SaveBar kind="sink" known={known} scope={scope} sound={sound} />
        </div>
      </div>
    </Page>
  )
}
