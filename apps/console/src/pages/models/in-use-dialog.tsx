/** In-use dialog: why something cannot be removed, with a way to each thing that uses it. */
import { Link } from '@tanstack/react-router'
import { Rocket, Tag } from 'lucide-react'
import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialogs/dialog.tsx'
import { texts } from '../../texts/english.ts'
import { modelTexts } from './english-models.ts'

const words = modelTexts.actions

type InUseDialogProps = {
  /** What cannot be removed. */
  name: string
  model: string
  deployments: readonly string[]
  aliases: readonly string[]
  onClose: () => void
}

const ROW = 'flex items-center gap-2.5 rounded-md border border-line px-3 py-2 text-sm hover:bg-raised'

/** Shown while it is in the page. */
export function InUseDialog({ name, model, deployments, aliases, onClose }: InUseDialogProps) {
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={words.cannotRemove(name)}
      lead={words.cannotRemoveLead}
      footer={<Button onClick={onClose}>{texts.common.close}</Button>}
    >
      <ul className="flex max-h-80 flex-col gap-2 overflow-y-auto">
        {deployments.map((deployment) => (
          <li key={`deployment ${deployment}`}>
            <Link to="/deployments/$deployment" params={{ deployment }} className={ROW}>
              <Rocket size={15} className="text-soft" aria-hidden />
              <span className="text-soft">{words.deployment}</span>
              <span className="font-medium">{deployment}</span>
            </Link>
          </li>
        ))}
        {aliases.map((alias) => (
          <li key={`alias ${alias}`}>
            <Link to="/models/$model" params={{ model }} className={ROW} onClick={onClose}>
              <Tag size={15} className="text-soft" aria-hidden />
              <span className="text-soft">{words.alias1}</span>
              <span className="font-medium">@{alias}</span>
            </Link>
          </li>
        ))}
      </ul>
    </Dialog>
  )
}
