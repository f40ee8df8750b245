/** Leave-out fields: past or planned times whose rows are not learned. */
import { LEFT_OUT_TIMES_MAX } from '@skerry/contract/learning/mark'
import { X } from 'lucide-react'
import { Button, IconButton } from '../../components/button.tsx'
import { Field, INPUT } from '../../components/fields.tsx'
import { learningTexts } from './english-learning.ts'
import type { TimeRow } from './learn-form.ts'

const words = learningTexts.wizard.leaveOut

type LeaveOutProps = { times: readonly TimeRow[]; onChange: (times: readonly TimeRow[]) => void }

export function LeaveOutFields({ times, onChange }: LeaveOutProps) {
  const set = (key: number, part: Partial<TimeRow>) =>
    onChange(times.map((time) => (time.key === key ? { ...time, ...part } : time)))
  const add = () => onChange([...times, { key: (times.at(-1)?.key ?? 0) + 1, from: '', to: '', reason: '' }])
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="mb-1.5 text-sm font-medium">{words.title}</legend>
      <p className="text-xs text-soft">{words.hint}</p>
      {times.map((time, index) => (
        <div key={time.key} className="grid items-end gap-3 sm:grid-cols-[1fr_1fr_1fr_auto]">
          <TimeFields time={time} onChange={(part) => set(time.key, part)} />
          <IconButton
            label={words.remove(index + 1)}
            onClick={() => onChange(times.filter(({ key }) => key !== time.key))}
          >
            <X size={15} aria-hidden />
          </IconButton>
        </div>
      ))}
      <div>
        <Button isSmall blocked={times.length >= LEFT_OUT_TIMES_MAX ? words.full : undefined} onClick={add}>
          {words.add}
        </Button>
      </div>
    </fieldset>
  )
}

type Time = Omit<TimeRow, 'key'>

/** The fields of one time. */
export const TimeFields = ({ time, onChange }: { time: Time; onChange: (part: Partial<Time>) => void }) => (
  <>
    <TimeField label={words.from} isTime value={time.from} onChange={(from) => onChange({ from })} />
    <TimeField label={words.to} isTime value={time.to} onChange={(to) => onChange({ to })} />
    <TimeField label={words.reason} value={time.reason} onChange={(reason) => onChange({ reason })} />
  </>
)

type TimeFieldProps = { label: string; isTime?: boolean; value: string; onChange: (value: string) => void }

const TimeField = ({ label, isTime, value, onChange }: TimeFieldProps) => (
  <Field label={label}>
    {(control) => (
      <input
        {...control}
        type={isTime ? 'datetime-local' : 'text'}
        className={INPUT}
        autoComplete="off"
        value={value}
        onChange={({ target }) => onChange(target.value)}
      />
    )}
  </Field>
)
