import { ArnFormat, Stack } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { FilterPattern, type ILogGroup, MetricFilter } from "aws-cdk-lib/aws-logs";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Construct } from "constructs";
import { logMetricName, metricOf } from "#infra/constructs/alarm-metrics.ts";
import { ALARMS, type AlarmDescription, alarmName, windowOf } from "#infra/description/alarms.ts";
import { TRAIN_MACHINE } from "#infra/description/state-machines.ts";
import { metricNamespace } from "#infra/description/told-metrics.ts";
import { ownsModel } from "#infra/settings/owns-model.ts";
import type { Settings } from "#infra/settings.ts";

export interface DescribedAlarmsProps {
	readonly settings: Settings;
	readonly where: AlarmDescription["where"];
	/** The log groups of the functions whose lines are counted. */
	readonly logs?: ReadonlyMap<string, ILogGroup>;
	readonly distributionId?: string;
}

/** Below the repository's root. */
const RUNBOOKS = "docs/runbooks";

/** The alarms of one place, each with its runbook in its description, and the topic that tells the addresses of the settings. */
export class DescribedAlarms extends Construct {
	readonly topic: Topic;
	readonly #props: DescribedAlarmsProps;

	constructor(scope: Construct, id: string, props: DescribedAlarmsProps) {
		super(scope, id);
		this.#props = props;
		const { settings, where } = props;
		this.topic = new Topic(this, "Topic", { topicName: `heliotrope-${settings.stage}-alarms-${where}`, enforceSSL: true });
		this.#letAlarmsTell(settings.stage);
		for (const email of settings.alarms.emails) this.topic.addSubscription(new EmailSubscription(email));
		for (const description of ALARMS.filter((alarm) => alarm.where === where && isDeployed(alarm, settings))) this.#create(description);
	}

	/** What enforces TLS takes the place of the policy that lets the account's alarms publish. */
	#letAlarmsTell(stage: string): void {
		const alarms = Stack.of(this).formatArn({
			service: "cloudwatch",
			resource: "alarm",
			resourceName: alarmName(stage, "*"),
			arnFormat: ArnFormat.COLON_RESOURCE_NAME,
		});
		this.topic.addToResourcePolicy(
			new PolicyStatement({
				principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
				actions: ["sns:Publish"],
				resources: [this.topic.topicArn],
				conditions: { ArnLike: { "aws:SourceArn": alarms } },
			}),
		);
	}

	#create(description: AlarmDescription): void {
		const { settings, logs, distributionId } = this.#props;
		const { name, metric } = description;
		const { periodMinutes, periods } = windowOf(description, settings.schedules);
		if (metric.kind === "log") {
			const logGroup = logs?.get(metric.function);
			if (logGroup === undefined) throw new TypeError(`the alarm ${name} counts lines of ${metric.function}, which is not in this stack`);
			new MetricFilter(this, `${name}-lines`, {
				logGroup,
				metricNamespace: metricNamespace(settings.stage),
				metricName: logMetricName(metric),
				metricValue: "1",
				filterPattern: FilterPattern.stringValue(`$.${metric.field}`, "=", metric.value),
			});
		}
		new Alarm(this, name, {
			alarmName: alarmName(settings.stage, name),
			alarmDescription: `${description.says} Runbook: ${settings.alarms.runbooksUrl ?? RUNBOOKS}/${description.runbook}.md`,
			metric: metricOf(
				{ ...description, periodMinutes },
				{ scope: this, settings, ...(distributionId === undefined ? {} : { distributionId }) },
			),
			threshold: description.threshold(settings.alarms),
			comparisonOperator:
				description.below === true ? ComparisonOperator.LESS_THAN_THRESHOLD : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
			evaluationPeriods: periods,
			treatMissingData: description.missingIsBad === true ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
		}).addAlarmAction(new SnsAction(this.topic));
	}
}

/** An endpoint that is looked after elsewhere is watched elsewhere, and not trained. */
const isDeployed = ({ metric }: AlarmDescription, settings: Settings): boolean =>
	ownsModel(settings) || (metric.kind !== "endpoint" && !(metric.kind === "state-machine" && metric.machine === TRAIN_MACHINE));
