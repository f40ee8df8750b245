/** Tag choice: the tags of a source with their present values, to be ticked. */
import { LEARNED_TAGS_MAX } from '@skerry/contract/learning/learning'
import type { TagLook } from '@skerry/contract/sources/source-look'
import { useQuery } from '@tanstack/react-query'
import { learningTexts } from './english-learning.ts'
import { learningQueries } from './learning-queries.ts'

const words = learningTexts.wizard

type TagChoiceProps = {
  device: string
  source: string
  tags: readonly string[]
  onChange: (tags: readonly string[]) => void
}

export function TagChoice({ device, source, tags, onChange }: TagChoiceProps) {
  const { data, isError } = useQuery(learningQueries.tags(device, source))
  if (source === '') return null
  const known = data?.tags ?? []
  const toggle = (name: string) =>
    onChange(tags.includes(name) ? tags.filter((one) => one !== name) : [...tags, name].slice(0, LEARNED_TAGS_MAX))
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className="mb-1.5 text-sm font-medium">{words.tags}</legend>
      {isError || (data && known.length === 0) ? (
        <p className="text-sm text-bad">{words.noTags}</p>
      ) : (
        <div className="grid max-h-56 gap-x-6 gap-y-1 overflow-y-auto sm:grid-cols-2">
          {known.map((tag) => (
            <label key={tag.name} className="flex min-h-7 min-w-0 items-center gap-2 text-sm">
              <input
                type="checkbox"
                className="size-4 shrink-0 accent-(--accent)"
                checked={tags.includes(tag.name)}
                onChange={() => toggle(tag.name)}
              />
              <span className="truncate">{tag.name}</span>
              <span className="tabular ml-auto shrink-0 text-soft">{valueText(tag)}</span>
            </label>
          ))}
        </div>
      )}
      <p className="text-xs text-soft">{words.tagsHint}</p>
    </fieldset>
  )
}

function valueText({ value, unit }: TagLook): string {
  if (!value || value.quality === 'bad') return '–'
  const shown = typeof value.value === 'number' ? Number(value.value.toPrecision(5)) : value.value
  return `${Array.isArray(shown) ? '…' : shown}${unit === undefined ? '' : ` ${unit}`}`
}
