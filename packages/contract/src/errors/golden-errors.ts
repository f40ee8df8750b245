/** Errors of golden cases. */
export const goldenErrors = {
  golden_invalid: { status: 422, message: 'a golden input does not fit the model' },
  golden_timeout: { status: 422, message: 'the golden inputs took longer than the hub allows; push fewer' },
  golden_memory_exceeded: {
    status: 422,
    message: 'the golden inputs took more memory than the hub allows; push smaller ones',
  },
  golden_reference_differs: {
    status: 422,
    message: 'the model does not give the expected outputs; check its export, or state a tolerance',
  },
  golden_not_finite: { status: 422, message: 'the model answers a golden input with NaN or infinity' },
} as const
