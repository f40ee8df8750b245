/** The error codes about test results of versions. */
export const checkErrors = {
  test_report_unknown: {
    status: 404,
    message: 'the version has no such test result; "skerry model tests" lists them',
  },
  test_report_refused: {
    status: 422,
    message: 'the test result is not by a trusted key over the files of this version; the message says why',
  },
  test_suites_full: {
    status: 409,
    message: 'the version has results of as many suites as it may have; use one of their names in the check file',
  },
  version_untested: {
    status: 409,
    message: 'a rule requires a signed test result that the version does not have; "skerry model tests" names it',
  },
} as const satisfies Record<string, { status: number; message: string }>
