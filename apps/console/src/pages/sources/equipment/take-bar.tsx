/** Take bar: takes what was picked of the equipment over into the source, into a group that it has, or a new one. */
import { GroupShape } from '@skerry/contract/sources/tag'
import { useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { Field, INPUT, Select } from '../../../components/fields.tsx'
import { TextInput } from '../../../components/text-input.tsx'
import { sourcesTexts } from '../english-sources.ts'
import type { PickedGroup } from '../source-text.ts'
import { equipmentTexts } from './english-equipment.ts'

const words = equipmentTexts.browse

/** What people read at; the text can say another one. */
const EVERY_MS = '1000'

type TakeProps = {
  count: number
  /** What is wrong elsewhere is mended first: tags must not go where they are not seen. */
  isSound: boolean
  /** Those that the source has. */
  groups: readonly string[]
  /** What is wrong with it, where it could not be done. */
  onTake: (group: PickedGroup) => string | undefined
}

export function TakeBar({ count, isSound, groups, onTake }: TakeProps) {
  const [chosen, setChosen] = useState<string>()
  const [name, setName] = useState('browsed')
  const [every, setEvery] = useState(EVERY_MS)
  const [flaw, setFlaw] = useState<string>()
  // A group may go from the text while this is open.
  const known = chosen === NEW ? undefined : (groups.find((group) => group === chosen) ?? groups[0])
  const group: PickedGroup = known === undefined ? { name, everyMs: Number(every) } : { name: known, everyMs: 1_000 }
  const isRight = known !== undefined || isNewGroup(group, groups)
  return (
    <div className="flex flex-wrap items-end gap-3">
      <Field label={words.group}>
        {(control) => (
          <Select {...control} value={known ?? NEW} onChange={({ target }) => setChosen(target.value)}>
            {groups.map((each) => (
              <option key={each}>{each}</option>
            ))}
            <option value={NEW}>{words.newGroup}</option>
          </Select>
        )}
      </Field>
      {known === undefined && (
        <>
          <Field label={words.groupName}>
            {(control) => <TextInput control={control} value={name} onChange={setName} />}
          </Field>
          <Field label={words.everyMs}>
            {(control) => (
              <input
                {...control}
                className={INPUT}
                inputMode="numeric"
                value={every}
                onChange={({ target }) => setEvery(target.value)}
              />
            )}
          </Field>
        </>
      )}
      <Button
        look="primary"
        blocked={isSound ? blockedBy(count, isRight) : sourcesTexts.edit.waiting}
        onClick={() => setFlaw(onTake(group))}
      >
        {words.take(count)}
      </Button>
      {flaw !== undefined && (
        <p role="alert" className="text-sm text-bad">
          {flaw}
        </p>
      )}
    </div>
  )
}

/** No group has such a name. */
const NEW = ' '

const isNewGroup = ({ name, everyMs }: PickedGroup, groups: readonly string[]): boolean =>
  !groups.includes(name) && GroupShape.name.safeParse(name).success && GroupShape.everyMs.safeParse(everyMs).success

function blockedBy(count: number, isRight: boolean): string | undefined {
  if (count === 0) return words.none
  return isRight ? undefined : words.badGroup
}
