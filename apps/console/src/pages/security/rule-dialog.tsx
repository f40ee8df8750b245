/** Rule dialog: whether a rule is looked for, its threshold, and what the hub does by itself when it fires. */
import { IntrusionResponse, type IntrusionRuleView } from '@skerry/contract/intrusion/intrusion'
import { useState } from 'react'
import { SaveDialog } from '../../components/dialogs/save-dialog.tsx'
import { Field, INPUT, Select } from '../../components/fields.tsx'
import { hub } from '../../hub/hub-client.ts'
import { securityTexts } from './english-security.ts'

const words = securityTexts.rules

type Draft = Pick<IntrusionRuleView, 'isOn' | 'threshold' | 'response'>

/** Shown while it is in the page. */
export function RuleDialog({ rule: view, onClose }: { rule: IntrusionRuleView; onClose: () => void }) {
  const { rule, means, isOn, threshold, response } = view
  const [draft, setDraft] = useState<Draft>({ isOn, threshold, response })
  const save = async () => {
    await hub.intrusion.set({ rule, ...draft })
    return words.saved
  }
  return (
    <SaveDialog
      title={words.dialog(securityTexts.ruleName(rule))}
      lead={`${means}.`}
      verb={words.save}
      run={save}
      onClose={onClose}
    >
      <Fields view={view} draft={draft} onChange={(change) => setDraft({ ...draft, ...change })} />
    </SaveDialog>
  )
}

type FieldsProps = { view: IntrusionRuleView; draft: Draft; onChange: (change: Partial<Draft>) => void }

function Fields({ view: { action }, draft: { isOn, threshold, response }, onChange }: FieldsProps) {
  return (
    <>
      <label className="flex items-center gap-2 text-sm">
        <input type="checkbox" checked={isOn} onChange={(event) => onChange({ isOn: event.target.checked })} />
        {words.isOn}
      </label>
      <Field label={words.threshold} hint={words.thresholdHint}>
        {(control) => (
          <input
            {...control}
            type="number"
            required
            min={1}
            max={1_000_000}
            className={INPUT}
            value={Number.isNaN(threshold) ? '' : threshold}
            onChange={(event) => onChange({ threshold: event.target.valueAsNumber })}
          />
        )}
      </Field>
      {action !== undefined && (
        <Field label={words.responseLabel(action)} {...(response === 'on' && { hint: words.caution })}>
          {(control) => (
            <Select
              {...control}
              value={response}
              onChange={(event) => onChange({ response: IntrusionResponse.parse(event.target.value) })}
            >
              {IntrusionResponse.options.map((each) => (
                <option key={each} value={each}>
                  {words.responses[each]}
                </option>
              ))}
            </Select>
          )}
        </Field>
      )}
    </>
  )
}
