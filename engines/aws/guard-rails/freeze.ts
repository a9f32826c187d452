import { type Policy, READING } from './boundary.ts'

/** What is left once money was spent: looking, deleting, and holding functions back. */
export const FREEZE: Policy = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Deny',
      NotAction: [
        ...READING,
        'lambda:Get*',
        'lambda:List*',
        'lambda:Delete*',
        'lambda:PutFunctionConcurrency',
        'dynamodb:Describe*',
        'dynamodb:List*',
        'dynamodb:DeleteTable',
        'logs:Describe*',
        'logs:List*',
        'logs:Delete*',
        'sqs:Get*',
        'sqs:List*',
        'sqs:DeleteQueue',
        'sns:Get*',
        'sns:List*',
        'sns:DeleteTopic',
        'states:Describe*',
        'states:List*',
        'states:DeleteStateMachine',
        'cloudfront:Get*',
        'cloudfront:List*',
        'cloudfront:UpdateDistribution',
        'cloudfront:Delete*',
        'iam:DetachRolePolicy',
        'iam:DeleteRole',
      ],
      Resource: '*',
    },
  ],
}
