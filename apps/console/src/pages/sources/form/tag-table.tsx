/** Tag table: the groups of a source and their tags, as rows that a person fills in. */
import { Plus, Trash2 } from 'lucide-react'
import { Button } from '../../../components/button.tsx'
import { Field, INPUT } from '../../../components/fields.tsx'
import { formTexts as words } from './english-form.ts'
import { ValueControl } from './field-input.tsx'
import type { FormField } from './form-shape.ts'
import {
  type FormContent,
  TAGS_SHOWN_MAX,
  typedValue,
  type WrittenTag,
  withoutTag,
  withTag,
  withValue,
} from './form-text.ts'

type TableProps = { content: FormContent; fields: readonly FormField[]; text: string; onText: (text: string) => void }

/** More columns than these need a wide screen, and few people fill in the others. */
const COLUMNS_MAX = 6

/** Fields that every protocol has. They stand behind those of the protocol, such as the address. */
const COMMON = ['unit', 'scale', 'write']

/** The columns: required fields, usual ones of the protocol, and those that every protocol has. */
function columnsOf(fields: readonly FormField[]): readonly FormField[] {
  const own = fields.filter(({ name, isAdvanced }) => isAdvanced !== true && !COMMON.includes(name))
  const common = COMMON.flatMap((name) => fields.find((field) => field.name === name) ?? [])
  return [...own, ...common].slice(0, COLUMNS_MAX)
}

export function TagTable({ content, fields, text, onText }: TableProps) {
  const columns = columnsOf(fields)
  return (
    <div className="flex flex-col gap-4">
      {/* A group is known by its place, because its name changes while a person types. */}
      {content.groups.map((name, index) => (
        <fieldset key={words.group(index)} aria-label={words.group(index)} className="flex min-w-0 flex-col gap-2">
          <div className="grid gap-3 sm:grid-cols-2">
            <GroupField label={words.groupName} value={name} path={['groups', index, 'name']} {...{ text, onText }} />
            <GroupField
              label={words.every}
              value={String(content.valueAt(['groups', index, 'everyMs']) ?? '')}
              path={['groups', index, 'everyMs']}
              isNumber
              {...{ text, onText }}
            />
          </div>
          <Rows tags={content.tags.filter(({ path }) => path[1] === index)} {...{ columns, text, onText }} />
          <Button isSmall className="self-start" onClick={() => onText(withTag(text, index))}>
            <Plus size={13} aria-hidden />
            {words.addTag}
          </Button>
        </fieldset>
      ))}
      {content.groups.length === 0 && (
        <Button isSmall className="self-start" onClick={() => onText(withTag(text, 0))}>
          <Plus size={13} aria-hidden />
          {words.addTag}
        </Button>
      )}
      <p className="text-xs text-soft">
        {content.tagCount > TAGS_SHOWN_MAX ? words.more200(content.tagCount) : words.restHint}
      </p>
    </div>
  )
}

type GroupFieldProps = Pick<TableProps, 'text' | 'onText'> & {
  label: string
  value: string
  path: readonly (string | number)[]
  isNumber?: boolean
}

const GroupField = ({ label, value, path, isNumber = false, text, onText }: GroupFieldProps) => (
  <Field label={label}>
    {(control) => (
      <input
        {...control}
        className={INPUT}
        inputMode={isNumber ? 'numeric' : 'text'}
        value={value}
        autoComplete="off"
        spellCheck={false}
        onChange={({ target }) =>
          onText(withValue(text, path, typedValue(isNumber ? 'integer' : 'text', target.value)))
        }
      />
    )}
  </Field>
)

type RowsProps = Pick<TableProps, 'text' | 'onText'> & { tags: readonly WrittenTag[]; columns: readonly FormField[] }

const Rows = ({ tags, columns, text, onText }: RowsProps) => (
  // The margin gives the rings of focused fields their place within the scrolled box.
  <div className="scroll-edges -m-1 overflow-x-auto p-1">
    <table aria-label={words.tags} className="w-full text-sm">
      <thead>
        <tr>
          {columns.map(({ name }) => (
            <th key={name} scope="col" className="pr-2 pb-1 text-left text-xs font-medium whitespace-nowrap text-soft">
              {words.labelOf(name)}
            </th>
          ))}
          <th scope="col">
            <span className="sr-only">{words.remove}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {tags.map(({ path, tag }) => {
          const name = String(tag.name ?? '')
          return (
            <tr key={path.join('.')}>
              {columns.map((field) => (
                <td key={field.name} className="min-w-28 py-0.5 pr-2 align-top">
                  <ValueControl
                    control={{ 'aria-label': words.cell(words.labelOf(field.name), name) }}
                    field={field}
                    value={tag[field.name]}
                    onValue={(value) => onText(withValue(text, [...path, field.name], value))}
                  />
                </td>
              ))}
              <td className="py-0.5 align-top">
                <Button
                  isSmall
                  look="quiet"
                  aria-label={words.removeTag(name)}
                  onClick={() => onText(withoutTag(text, path))}
                >
                  <Trash2 size={14} aria-hidden />
                </Button>
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  </div>
)
