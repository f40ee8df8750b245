/** Device filter: the field above the list of devices. The hub evaluates its words, or its selector. */
import { DEVICE_FIELDS, DEVICE_FILTER_EXAMPLE, readsAsSelector } from '@skerry/core/language/device-fields'
import { FilterInput } from '../../components/fields.tsx'
import { FilterHelp, useWriting } from '../../components/rows/row-filter.tsx'
import { texts } from '../../texts/english.ts'
import { devicesWords as words } from './english-devices.ts'

/** While a person types, half an expression must not go to the hub. */
const WRITING_MS = 350

type FilterProps = { value: string; onChange: (value: string | undefined) => void; error: string | undefined }

export function DeviceFilter({ value, onChange, error }: FilterProps) {
  const [text, setText] = useWriting(value, onChange, WRITING_MS)
  return (
    <div className="flex min-w-0 flex-1 basis-80 items-start gap-1">
      <FilterInput
        className="flex-1"
        label={texts.devices.filter}
        placeholder={words.filterPlaceholder(DEVICE_FILTER_EXAMPLE)}
        value={text}
        onChange={setText}
        error={error}
        isCode={readsAsSelector(text)}
      />
      <FilterHelp
        example={DEVICE_FILTER_EXAMPLE}
        onExample={() => setText(DEVICE_FILTER_EXAMPLE)}
        fields={Object.entries(DEVICE_FIELDS).map(([field, example]) => [`${field}:`, example])}
      >
        <p>{words.filterHelpWords}</p>
        <p>{words.filterHelpSelector}</p>
      </FilterHelp>
    </div>
  )
}
