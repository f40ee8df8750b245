/** Equipment picker: a tag or a sink of the organisation, chosen from the existing ones, for a setting with a format. */
import type { SettingFormat } from '@skerry/contract/apps/config-schema'
import type { Connection } from '@skerry/contract/connections/connection'
import { type TagRow, tagRowsOf } from '@skerry/core/tags/tag-rows'
import { useQueries, useQuery } from '@tanstack/react-query'
import { type ReactNode, useId } from 'react'
import { type FieldControl, INPUT, Select } from '../../components/fields.tsx'
import { sinkQueries } from '../sinks/sink-queries.ts'
import { sourceQueries } from '../sources/source-queries.ts'
import { appTexts } from './english-apps.ts'

const words = appTexts.settings

type PickerProps = {
  control: FieldControl
  format: SettingFormat
  title: string
  /** The default, such as sample data of a listing. */
  usual: string | undefined
  value: string
  onChange: (text: string) => void
}

type Row = (props: PickerProps) => ReactNode

const pickers: Readonly<Record<SettingFormat, Row>> = {
  tag: (props) => <TagPicker {...props} isWritten={false} />,
  'writable-tag': (props) => <TagPicker {...props} isWritten />,
  sink: (props) => <SinkPicker {...props} />,
}

export const EquipmentPicker = (props: PickerProps) => pickers[props.format](props)

function SinkPicker({ control, usual, value, onChange }: PickerProps) {
  const { data, error } = useQuery(sinkQueries.list())
  if (error) return <TypedName control={control} usual={usual} value={value} onChange={onChange} />
  return <NameSelect control={control} usual={usual} value={value} rows={data ?? []} onChange={onChange} />
}

function TagPicker({ control, title, usual, value, onChange, isWritten }: PickerProps & { isWritten: boolean }) {
  const { data, error } = useQuery(sourceQueries.list())
  const [source = '', tag = ''] = value.split('/')
  if (error) return <TypedName control={control} usual={usual} value={value} onChange={onChange} />
  return (
    <div className="grid grid-cols-2 gap-2">
      <NameSelect
        control={control}
        usual={usual}
        value={source}
        rows={data ?? []}
        // Without a tag the value is incomplete, so nothing is installed by mistake.
        onChange={(name) => onChange(name === '' ? '' : `${name}/`)}
      />
      {source !== '' && (
        <SourceTags
          label={words.tagOf(title)}
          connections={(data ?? []).filter(({ name }) => name === source)}
          tag={tag}
          isWritten={isWritten}
          onChange={(next) => onChange(`${source}/${next}`)}
        />
      )}
    </div>
  )
}

type SelectProps = Pick<PickerProps, 'control' | 'usual' | 'value' | 'onChange'> & { rows: readonly Connection[] }

/** Sites and devices may have a connection of the same name, which appears once. */
function NameSelect({ control, usual, value, rows, onChange }: SelectProps) {
  const protocols = new Map(rows.map(({ name, protocol }) => [name, protocol]))
  // The own sample of an installation is the default already.
  protocols.delete(usual?.split('/')[0] ?? '')
  const names = [...protocols.keys()].toSorted((a, b) => a.localeCompare(b))
  if (value !== '' && !protocols.has(value)) names.unshift(value)
  return (
    <Select {...control} value={value} onChange={({ target }) => onChange(target.value)}>
      <option value="">{usual === undefined ? words.choose : words.unset(usual)}</option>
      {names.map((name) => (
        <option key={name} value={name}>
          {protocols.has(name) ? `${name} (${protocols.get(name)})` : name}
        </option>
      ))}
    </Select>
  )
}

/** Sources of one name mostly have the same tags, so a few of them are read. */
const READ_MAX = 4

/** A longer list is searched by its text. */
const OPTIONS_MAX = 200

type TagsProps = {
  label: string
  connections: readonly Connection[]
  tag: string
  isWritten: boolean
  onChange: (tag: string) => void
}

function SourceTags({ label, connections, tag, isWritten, onChange }: TagsProps) {
  const list = useId()
  const found = useQueries({ queries: connections.slice(0, READ_MAX).map(({ id }) => sourceQueries.one(id)) })
  const rows = found.flatMap(({ data }) => (data ? tagRowsOf(data.spec) : []))
  const tags = [...new Map(rows.filter(({ write }) => !isWritten || write).map((row) => [row.name, row])).values()]
  if (tags.length > OPTIONS_MAX || (tag !== '' && !tags.some(({ name }) => name === tag)))
    return (
      <>
        <input
          aria-label={label}
          className={INPUT}
          list={list}
          autoComplete="off"
          spellCheck={false}
          value={tag}
          onChange={({ target }) => onChange(target.value)}
        />
        <datalist id={list}>
          {tags
            .filter(({ name }) => name.includes(tag))
            .slice(0, OPTIONS_MAX)
            .map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
        </datalist>
      </>
    )
  return (
    <Select aria-label={label} value={tag} onChange={({ target }) => onChange(target.value)}>
      <option value="">{tags.length === 0 ? words.noTags : words.chooseTag}</option>
      {tags.map((row) => (
        <option key={row.name} value={row.name}>
          {tagText(row)}
        </option>
      ))}
    </Select>
  )
}

const tagText = ({ name, unit }: TagRow) => (unit === undefined ? name : `${name} (${unit})`)

/** For a person who may not read the connections. */
const TypedName = ({
  control,
  usual,
  value,
  onChange,
}: Pick<PickerProps, 'control' | 'usual' | 'value' | 'onChange'>) => (
  <input
    {...control}
    className={INPUT}
    autoComplete="off"
    spellCheck={false}
    placeholder={usual}
    value={value}
    onChange={({ target }) => onChange(target.value)}
  />
)
