/** Selector builder: conditions that become CEL, and CEL that becomes conditions again where it says no more than they can. */
import { type Condition, type SelectorRows, selectorRows, selectorText } from '@skerry/core/selectors/selector-rows'
import { useQuery } from '@tanstack/react-query'
import { Info, Plus } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { cn } from '../../components/class-names.ts'
import { Field, INPUT, Select } from '../../components/fields.tsx'
import { ConditionRow } from './condition-row.tsx'
import { deployQueries } from './deploy-queries.ts'
import { deployTexts } from './english-deploy.ts'

const words = deployTexts.where

/** A condition's place on the page does not follow from its content: two may be alike. */
type KeyedRows = { joint: SelectorRows['joint']; conditions: readonly (Condition & { id: number })[] }

type BuilderProps = { text: string; problem: string | undefined; onChange: (text: string) => void }

/** Both forms of the selector. */
export function SelectorBuilder({ text, problem, onChange }: BuilderProps) {
  const [rows, setRows] = useRows(text, problem === undefined)
  const { data: values } = useQuery(deployQueries.values())
  const put = (next: KeyedRows) => {
    setRows(next)
    onChange(selectorText(next))
  }
  return (
    <div className="flex flex-col gap-5">
      {rows ? (
        <div className="flex flex-col gap-3">
          <JointChoice rows={rows} onChange={(joint) => put({ ...rows, joint })} />
          <ol className="flex flex-col gap-3">
            {rows.conditions.map(({ id, ...condition }, index) => (
              <ConditionRow
                key={id}
                index={index + 1}
                condition={condition}
                values={values?.fields ?? []}
                onChange={(next) =>
                  put({ ...rows, conditions: rows.conditions.map((one) => (one.id === id ? { ...next, id } : one)) })
                }
                onRemove={() => put({ ...rows, conditions: rows.conditions.filter((one) => one.id !== id) })}
              />
            ))}
          </ol>
          <div>
            <Button isSmall onClick={() => put({ ...rows, conditions: [...rows.conditions, newCondition()] })}>
              <Plus size={14} aria-hidden />
              {words.add}
            </Button>
          </div>
        </div>
      ) : (
        <NotRows isRight={problem === undefined} onStartOver={() => put({ joint: 'and', conditions: [] })} />
      )}
      <Field label={words.selector} hint={words.selectorHint} error={problem}>
        {(control) => (
          <textarea
            {...control}
            rows={3}
            maxLength={2_000}
            spellCheck={false}
            value={text}
            onChange={(event) => onChange(event.target.value)}
            className={cn(INPUT, 'h-auto py-2 font-mono text-xs leading-relaxed')}
          />
        )}
      </Field>
    </div>
  )
}

let lastId = 0
const keyed = (condition: Condition) => {
  lastId += 1
  return { ...condition, id: lastId }
}

const newCondition = () => keyed({ field: 'site.name', operator: 'is', values: [] })

/** The rows of the text. Those that are not complete yet say nothing in it, and stay while it stays. */
function useRows(text: string, isRight: boolean): [KeyedRows | undefined, (rows: KeyedRows) => void] {
  const [rows, setRows] = useState<KeyedRows | undefined>(() => rowsOf(text))
  const isSaid = rows !== undefined && selectorText(rows) === text.trim()
  useEffect(() => {
    // Half an expression: the rows of the last whole one would not be what is written.
    if (!isSaid) setRows(isRight ? rowsOf(text) : undefined)
  }, [text, isSaid, isRight])
  return [isSaid || isRight ? rows : undefined, setRows]
}

function rowsOf(text: string): KeyedRows | undefined {
  const rows = selectorRows(text.trim() || 'true')
  return rows && { ...rows, conditions: rows.conditions.map(keyed) }
}

type JointProps = { rows: KeyedRows; onChange: (joint: SelectorRows['joint']) => void }

function JointChoice({ rows, onChange }: JointProps) {
  if (rows.conditions.length === 0) return <p className="text-sm text-soft">{words.everybody}</p>
  return (
    <p className="flex flex-wrap items-center gap-2 text-sm">
      {words.joint}
      <Select
        aria-label={words.joint}
        className="h-8 w-auto"
        value={rows.joint}
        onChange={(event) => onChange(event.target.value === 'or' ? 'or' : 'and')}
      >
        <option value="and">{words.joints.and}</option>
        <option value="or">{words.joints.or}</option>
      </Select>
    </p>
  )
}

const NotRows = ({ isRight, onStartOver }: { isRight: boolean; onStartOver: () => void }) => (
  <div role="status" className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-md bg-raised p-3 text-sm">
    <span className="flex min-w-0 flex-1 items-start gap-2">
      <Info size={16} className="mt-0.5 shrink-0 text-soft" aria-hidden />
      {isRight ? words.notRows : words.notYet}
    </span>
    <Button isSmall onClick={onStartOver}>
      {words.startOver}
    </Button>
  </div>
)
