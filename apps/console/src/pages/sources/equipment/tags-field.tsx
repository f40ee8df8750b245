/** Tags field: which tags a test read asks for, by their group and by words, with how many these are. */

import type { ConnectionSpec } from '@skerry/contract/connections/connection'
import { TAGS_READ_MAX } from '@skerry/contract/devices/device-command'
import { tagRowsOf } from '@skerry/core/tags/tag-rows'
import { useMemo, useState } from 'react'
import { Field, INPUT, Select } from '../../../components/fields.tsx'
import { equipmentTexts } from './english-equipment.ts'
import { groupsIn, type TagChoice, type TestTags, testTags } from './test-tags.ts'

const words = equipmentTexts.tags

/** What is chosen of the tags that the source says. */
export function useTestTags(sound: ConnectionSpec | undefined) {
  const [choice, choose] = useState<TagChoice>({ group: '', words: '' })
  const rows = useMemo(() => (sound ? tagRowsOf(sound) : []), [sound])
  const groups = useMemo(() => groupsIn(rows), [rows])
  const chosen = useMemo(() => testTags(rows, choice), [rows, choice])
  return { choice, choose, groups, chosen }
}

type TagsProps = ReturnType<typeof useTestTags>

export function TagsFields({ choice, choose, groups }: TagsProps) {
  return (
    <>
      <Field label={words.group}>
        {(control) => (
          <Select
            {...control}
            className="max-w-56"
            value={groups.includes(choice.group) ? choice.group : ''}
            onChange={({ target }) => choose({ ...choice, group: target.value })}
          >
            <option value="">{words.everyGroup}</option>
            {groups.map((group) => (
              <option key={group} value={group}>
                {group}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label={words.words}>
        {(control) => (
          <input
            {...control}
            className={INPUT}
            value={choice.words}
            maxLength={200}
            autoComplete="off"
            spellCheck={false}
            placeholder={words.placeholder}
            onChange={({ target }) => choose({ ...choice, words: target.value })}
          />
        )}
      </Field>
    </>
  )
}

/** Says what the next test read takes; of nothing there is nothing to say. */
export const TagsNote = ({ chosen: { fittingCount } }: { chosen: TestTags }) => (
  <p role="status" className="text-xs text-soft">
    {words.note(fittingCount, TAGS_READ_MAX)}
  </p>
)
