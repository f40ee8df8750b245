/** Removal of the sample: a question with its effects, then the removal. */
import { useQueryClient } from '@tanstack/react-query'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'
import { toast } from '../../components/toasts.tsx'
import { removeSample } from './change-sample.ts'
import { tourTexts } from './english-tour.ts'

const words = tourTexts.sample

export function RemoveSample({ onClose }: { onClose: () => void }) {
  const client = useQueryClient()
  const run = async () => {
    const outcome = await removeSample()
    if (outcome === 'kept') toast('bad', words.kept)
    await client.invalidateQueries()
  }
  return (
    <Confirmation
      title={words.remove}
      lead={words.removeLead}
      verb={words.verb}
      isDanger
      run={run}
      done={words.removed}
      onClose={onClose}
    />
  )
}
