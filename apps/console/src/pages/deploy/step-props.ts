/** Step props: what each step of the wizard is given. */
import type { Deployment } from '@skerry/contract/deployments/deployment'
import type { ReadDraft } from './draft/draft.ts'
import type { Draft } from './draft/draft-search.ts'

export type StepProps = {
  draft: Draft
  change: (fields: Partial<Draft>) => void
  read: ReadDraft
  /** The deployment that has the draft's name now. */
  existing: Deployment | undefined
}
