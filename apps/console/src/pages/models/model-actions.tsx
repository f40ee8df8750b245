/**
 * Model actions: the actions on a model. Each one names the affected objects. A model in use names the deployments that
 * use it.
 */
import type { Model } from '@skerry/contract/models/model'
import { useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { FlaskConical, GitCompareArrows, Rocket, Upload } from 'lucide-react'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'
import { hub } from '../../hub/hub-client.ts'
import { kindRow } from '../../kinds/kinds.ts'
import { OptimiseButton } from '../builds/optimise-button.tsx'
import { BUTTON_LINK } from './button-link.ts'
import { modelTexts } from './english-models.ts'
import { InUseDialog } from './in-use-dialog.tsx'
import { leaveAndRemove } from './leave-and-remove.ts'

const words = modelTexts.actions

type ModelActionsProps = { model: Model; usedBy: readonly string[]; newest: readonly number[] }

/** The buttons; `newest` are the numbers of the newest versions. */
export function ModelActions({ model, usedBy, newest }: ModelActionsProps) {
  const { name, versionCount } = model
  const [isAsking, setAsking] = useState(false)
  const remove = useRemoveModel(name)
  const close = () => setAsking(false)
  const [last, before] = newest
  const { upload: uploadOf, Playground, Optimise } = kindRow(model.kind)
  const upload = uploadOf?.(model)
  return (
    <>
      {upload && (
        <Link {...upload} className={BUTTON_LINK.primary}>
          <Upload size={15} aria-hidden />
          {words.upload}
        </Link>
      )}
      {last !== undefined && (
        <Link to="/deploy" search={{ model: name, version: String(last) }} className={BUTTON_LINK.plain}>
          <Rocket size={15} aria-hidden />
          {words.deploy}
        </Link>
      )}
      {last !== undefined && Playground && (
        <Link
          to="/models/$model/versions/$version/playground"
          params={{ model: name, version: String(last) }}
          className={BUTTON_LINK.plain}
        >
          <FlaskConical size={15} aria-hidden />
          {words.playground}
        </Link>
      )}
      {last !== undefined && Optimise && <OptimiseButton model={name} version={last} />}
      {before !== undefined && (
        <Link
          to="/models/$model/compare"
          params={{ model: name }}
          search={{ a: before, b: last }}
          className={BUTTON_LINK.plain}
        >
          <GitCompareArrows size={15} aria-hidden />
          {words.compare}
        </Link>
      )}
      <GuardedButton permission="model.write" look="danger" onClick={() => setAsking(true)}>
        {words.remove}
      </GuardedButton>
      {isAsking && usedBy.length > 0 && (
        <InUseDialog name={name} model={name} deployments={usedBy} aliases={[]} onClose={close} />
      )}
      {isAsking && usedBy.length === 0 && (
        <Confirmation
          title={words.removeModelTitle(name)}
          lead={words.removeModelLead(versionCount)}
          verb={words.remove}
          isDanger
          typedName={name}
          run={remove}
          done={words.removed(name)}
          onClose={close}
        />
      )}
    </>
  )
}

function useRemoveModel(model: string) {
  const navigate = useNavigate()
  const client = useQueryClient()
  return () =>
    leaveAndRemove({
      leave: () => navigate({ to: '/models' }),
      remove: () => hub.model.remove({ name: model }),
      comeBack: () => navigate({ to: '/models/$model', params: { model } }),
      forget: () => {
        for (const what of ['one', 'versions']) client.removeQueries({ queryKey: ['models', what, model] })
      },
    })
}
