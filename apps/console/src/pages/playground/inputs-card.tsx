/** Inputs card: the form of all inputs, and the buttons that fill all of it. */
import type { GoldenCase } from '@skerry/contract/devices/golden'
import type { NamedTensor } from '@skerry/contract/models/infer'
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { Select } from '../../components/fields.tsx'
import { playgroundWords } from './english-playground.ts'
import { type Entry, entryOfTensor, firstEntry, goldenEntries, random, shapeWith, zeros } from './input-entry.ts'
import { InputField } from './input-field.tsx'

const words = playgroundWords.inputs

type Entries = ReadonlyMap<string, Entry>
type InputsCardProps = {
  inputs: readonly TensorSpec[]
  entries: Entries
  cases: readonly GoldenCase[]
  /** The case whose inputs the form holds now. */
  goldenCase: number | undefined
  onChange: (change: (before: Entries) => Entries) => void
}

export function InputsCard({ inputs, entries, cases, goldenCase, onChange }: InputsCardProps) {
  const fill = (from: string, tensorOf: (spec: TensorSpec, entry: Entry) => NamedTensor | undefined) =>
    onChange((before) => {
      const filled = inputs.map((spec): [string, Entry] => {
        const entry = before.get(spec.name) ?? firstEntry(spec)
        const tensor = tensorOf(spec, entry)
        return [spec.name, tensor ? entryOfTensor(spec, tensor, from) : entry]
      })
      return new Map(filled)
    })
  const fillShape = (from: string, make: (spec: TensorSpec, shape: number[]) => NamedTensor) =>
    fill(from, (spec, { sizes }) => {
      const shape = shapeWith(spec, sizes)
      return shape && make(spec, shape)
    })
  const fillCase = (index: number) =>
    onChange((before) => {
      const golden = cases[index]
      return golden ? new Map([...before, ...goldenEntries(inputs, golden, words.golden(index))]) : before
    })
  return (
    <Card
      title={words.title}
      isFlush
      aside={
        <div className="flex flex-wrap items-center gap-2">
          <span className="text-xs text-soft">{words.fill}</span>
          {cases.length > 0 && (
            <Select
              aria-label={words.golden(0).replace(/ 1$/, '')}
              className="h-7 w-36 py-0 text-xs"
              value={goldenCase ?? ''}
              onChange={(event) => fillCase(Number(event.target.value))}
            >
              <option value="" disabled>
                {words.golden(0).replace(/ 1$/, ' …')}
              </option>
              {Array.from(cases.keys(), (index) => (
                <option key={index} value={index}>
                  {words.golden(index)}
                </option>
              ))}
            </Select>
          )}
          <Button isSmall onClick={() => fillShape(words.zeros, zeros)}>
            {words.zeros}
          </Button>
          <Button isSmall onClick={() => fillShape(words.random, (spec, shape) => random(spec, shape, Math.random))}>
            {words.random}
          </Button>
        </div>
      }
    >
      {inputs.length === 0 && <p className="p-4 text-sm text-soft">{words.none}</p>}
      <div className="divide-y divide-line">
        {inputs.map((spec) => (
          <InputField
            key={spec.name}
            spec={spec}
            entry={entries.get(spec.name) ?? firstEntry(spec)}
            onChange={(entry) => onChange((before) => new Map(before).set(spec.name, entry))}
          />
        ))}
      </div>
    </Card>
  )
}
