/**
 * Connection form: the protocol, the settings and the tags of a source or a sink as fields. It is another view of the
 * YAML text, which stays the only state.
 */
import type { ConnectionKind } from '@skerry/contract/connections/connection'
import { type ReactNode, useMemo, useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { formTexts as words } from './english-form.ts'
import { FieldInput } from './field-input.tsx'
import { type FormField, type FormShape, shapeOf } from './form-shape.ts'
import { contentOf, type FormContent, withProtocol, withValue } from './form-text.ts'
import { ChosenProtocol, ProtocolTiles } from './protocol-tiles.tsx'
import { TagTable } from './tag-table.tsx'

type FormProps = { kind: ConnectionKind; text: string; onText: (text: string) => void; isNew: boolean }

export function ConnectionForm({ kind, text, onText, isNew }: FormProps) {
  const content = useMemo(() => contentOf(text), [text])
  const protocol = content?.protocol
  const shape = useMemo(() => (protocol === undefined ? undefined : shapeOf(kind, protocol)), [kind, protocol])
  const [isChoosing, setChoosing] = useState(false)
  const choose = (next: string) => {
    onText(withProtocol(text, kind, next))
    setChoosing(false)
  }
  if (!content) return <p className="text-sm text-soft">{words.broken}</p>
  return (
    <div className="flex flex-col gap-5">
      <Part title={shape && !isChoosing ? words.protocol : words.choose}>
        {shape && protocol !== undefined && !isChoosing ? (
          <div className="flex flex-wrap items-start justify-between gap-3">
            <ChosenProtocol kind={kind} protocol={protocol} />
            {isNew && (
              <Button isSmall onClick={() => setChoosing(true)}>
                {words.another}
              </Button>
            )}
          </div>
        ) : (
          <>
            {shape && protocol !== undefined && (
              <p className="flex flex-wrap items-center gap-3 text-xs text-soft">
                {words.anew}
                <Button isSmall onClick={() => setChoosing(false)}>
                  {words.keep(protocol)}
                </Button>
              </p>
            )}
            <ProtocolTiles kind={kind} chosen={protocol} onChoose={choose} />
          </>
        )}
      </Part>
      {shape && !isChoosing && (
        <>
          <Settings {...{ content, shape, text, onText, isNew }} />
          {kind === 'source' && (
            <Part title={words.tags}>
              <TagTable content={content} fields={shape.tag} text={text} onText={onText} />
            </Part>
          )}
          <p className="text-xs text-soft">{words.same}</p>
        </>
      )}
    </div>
  )
}

const Part = ({ title, children }: { title: string; children: ReactNode }) => (
  <section aria-label={title} className="flex min-w-0 flex-col gap-3">
    <h2 className="text-sm font-semibold">{title}</h2>
    {children}
  </section>
)

const NAME: FormField = {
  name: 'name',
  kind: 'text',
  isRequired: true,
  help: words.nameHelp,
}

type SettingsProps = Omit<FormProps, 'kind'> & { content: FormContent; shape: FormShape }

function Settings({ content, shape, text, onText, isNew }: SettingsProps) {
  const inputOf = (field: FormField) => {
    const path = ['connection', field.name]
    return (
      <FieldInput
        key={field.name}
        field={field}
        value={content.valueAt(path)}
        onValue={(value) => onText(withValue(text, path, value))}
      />
    )
  }
  const advanced = shape.connection.filter(({ isAdvanced }) => isAdvanced)
  return (
    <Part title={words.settings}>
      <div className={GRID}>
        {isNew && (
          <FieldInput
            field={NAME}
            value={content.valueAt(['name'])}
            onValue={(value) => onText(withValue(text, ['name'], value))}
          />
        )}
        {shape.connection.filter(({ isAdvanced }) => !isAdvanced).map(inputOf)}
      </div>
      {advanced.length > 0 && (
        <details>
          <summary className="cursor-pointer rounded text-sm font-medium text-accent">
            {words.more(advanced.length)}
          </summary>
          <div className={`${GRID} mt-3`}>{advanced.map(inputOf)}</div>
        </details>
      )}
    </Part>
  )
}

const GRID = 'grid items-start gap-4 sm:grid-cols-2'
