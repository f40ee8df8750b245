/** Optimise button: leads to the wizard of a version. Keys that may not start an optimisation see the reason. */
import { useNavigate } from '@tanstack/react-router'
import { Gauge } from 'lucide-react'
import { GuardedButton } from '../../components/button.tsx'
import { buildTexts } from './english-builds.ts'

type OptimiseProps = { model: string; version: number; look?: 'primary' | 'plain' }

export function OptimiseButton({ model, version, look = 'plain' }: OptimiseProps) {
  const navigate = useNavigate()
  return (
    <GuardedButton
      permission="build.write"
      look={look}
      onClick={() =>
        void navigate({
          to: '/models/$model/versions/$version/optimise',
          params: { model, version: String(version) },
        })
      }
    >
      <Gauge size={15} aria-hidden />
      {buildTexts.optimise.button}
    </GuardedButton>
  )
}
