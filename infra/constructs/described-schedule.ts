import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { CfnSchedule } from "aws-cdk-lib/aws-scheduler";
import { Construct } from "constructs";
import { cronExpression } from "#infra/constructs/schedule-expression.ts";
import type { ScheduleDescription } from "#infra/description/schedules.ts";
import type { Settings } from "#infra/settings.ts";

/** EventBridge Scheduler replaces this word by the planned time in ISO 8601. */
const INPUT = JSON.stringify({ scheduledTime: "<aws.scheduler.scheduled-time>" });

export interface DescribedScheduleProps {
	readonly settings: Settings;
	readonly description: ScheduleDescription;
	/** ARN of the function or state machine, and the one action that runs it. */
	readonly target: { readonly arn: string; readonly action: "lambda:InvokeFunction" | "states:StartExecution" };
}

/** One schedule of infra/description/schedules.ts. The high-level construct would grant all versions of a function; this grants its target only. */
export class DescribedSchedule extends Construct {
	constructor(scope: Construct, id: string, props: DescribedScheduleProps) {
		super(scope, id);
		const { settings, description, target } = props;
		const role = new Role(this, "Role", { assumedBy: new ServicePrincipal("scheduler.amazonaws.com") });
		const grant = role.addToPrincipalPolicy(new PolicyStatement({ actions: [target.action], resources: [target.arn] }));
		const schedule = new CfnSchedule(this, "Schedule", {
			name: `heliotrope-${settings.stage}-${description.name}`,
			scheduleExpression: cronExpression(description.everyMinutes, description.offsetMinutes),
			scheduleExpressionTimezone: "UTC",
			flexibleTimeWindow: { mode: "OFF" },
			target: { arn: target.arn, roleArn: role.roleArn, input: INPUT },
		});
		if (grant.policyDependable !== undefined) schedule.node.addDependency(grant.policyDependable);
	}
}
