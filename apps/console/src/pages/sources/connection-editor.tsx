/**
 * Connection editor: the definition of a source or a sink, written or taken from a file. The page checks it line by
 * line, and shows the effect of saving it.
 */
import type { Connection, ConnectionKind, ConnectionSpec } from '@skerry/contract/connections/connection'
import { type ComponentProps, type ReactNode, useRef, useState } from 'react'
import { Card, Page } from '../../components/card.tsx'
import { ChecksCard } from './checks-card.tsx'
import { ConnectionForm } from './form/connection-form.tsx'
import { goToLine } from './go-to-line.ts'
import { NO_PLACE, PlaceFields } from './place-fields.tsx'
import { ReachCard } from './reach-card.tsx'
import { SaveBar } from './save-bar.tsx'
import { type ReadText, sourceTextOf } from './source-text.ts'
import { TextField } from './text-field.tsx'

type EditorWords = { newTitle: string; changeTitle: (name: string) => string; named: string }

/** The editor's content, for further parts of the page. */
type Editing = {
  text: string
  onText: (text: string) => void
  scope: string
  sound: ConnectionSpec | undefined
}

type EditorProps = {
  kind: ConnectionKind
  words: EditorWords
  back: NonNullable<ComponentProps<typeof Page>['back']>
  /** The edited connection, and its definition at the start of the edit. */
  known?: Connection | undefined
  spec?: ConnectionSpec | undefined
  /** The device from whose page a person comes: a new connection is for it. */
  device?: string | undefined
  read: (text: string) => ReadText
  says: ComponentProps<typeof ChecksCard>['says']
  takesTags?: boolean
  underText?: ReactNode
  aside?: ReactNode
  below?: (editing: Editing) => ReactNode
}

export function ConnectionEditor({ kind, words, back, known, spec, device, read, says, ...more }: EditorProps) {
  const [text, setText] = useState(() => (spec ? sourceTextOf(spec) : ''))
  const [scope, setScope] = useState(known?.scope ?? (device === undefined ? NO_PLACE : `device:${device}`))
  const area = useRef<HTMLTextAreaElement>(null)
  const said = read(text)
  const isRenamed = known !== undefined && said.spec !== undefined && said.spec.name !== known.name
  const flaws = isRenamed ? [{ line: 1, message: words.named }] : said.flaws
  const sound = flaws.length === 0 ? said.spec : undefined
  return (
    <Page title={known ? words.changeTitle(known.name) : words.newTitle} back={back}>
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(19rem,2fr)]">
        <Card>
          <div className="flex flex-col gap-4">
            {!known && <PlaceFields scope={scope} onChange={setScope} />}
            <ConnectionForm kind={kind} text={text} onText={setText} isNew={known === undefined} />
            <TextField area={area} text={text} flaws={flaws} onChange={setText} takesTags={more.takesTags ?? false} />
            {more.underText}
          </div>
        </Card>
        <div className="flex min-w-0 flex-col gap-4">
          <ChecksCard flaws={flaws} sound={sound} says={says} onLine={(line) => goToLine(area.current, line)} />
          <ReachCard kind={kind} scope={scope} sound={sound} />
          {more.aside}
          <SaveBar {...{ kind, known, scope, sound }} />
        </div>
      </div>
      {more.below?.({ text, onText: setText, scope, sound })}
    </Page>
  )
}
