/** Draft settings: the settings of an app in the wizard. A version without settings shows nothing. */
import { useQuery } from '@tanstack/react-query'
import { queries } from '../../hub/queries.ts'
import { kindRow } from '../../kinds/kinds.ts'
import type { StepProps } from '../deploy/step-props.ts'
import { PlacedSettings } from './placed-settings.tsx'
import { SettingsFields } from './settings-fields.tsx'

export function DraftSettings({
  draft: { model, version = 'latest', config, configAt },
  change,
}: Pick<StepProps, 'draft' | 'change'>) {
  const { data } = useQuery({ ...queries.version(model ?? '', version), enabled: model !== undefined })
  const schema = data && kindRow(data.kind).settings?.(data)
  if (!schema) return null
  return (
    <>
      <SettingsFields schema={schema} config={config ?? {}} onChange={(next) => change({ config: next })} />
      <PlacedSettings schema={schema} placed={configAt ?? []} onChange={(next) => change({ configAt: next })} />
    </>
  )
}
