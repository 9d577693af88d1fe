//! The pod that is made for one question: planned, confirmed, recorded and deleted like every change.

use super::args::Request;
use super::asking::{From, Told, ask};
use super::client::Client;
use super::document::{Document, Throwaway};
use super::surroundings;
use serde::de::DeserializeOwned;
use sre_core::plan::{Happened, Note, Plan, probe};
use sre_core::probe::{Sizes, ThrowawayPod, throwaway_name};
use sre_core::report::{Block, Report, Span};
use sre_core::slim::{Object, from_json};
use sre_runtime::change::{Acting, Look};
use sre_runtime::error::Error;
use std::cell::RefCell;

/// How long the pod may live beside the time that is waited for it.
const SPARE_SECONDS: u64 = 120;

/// Makes the pod, asks from it, deletes it; where it may not be made, the plan is what is told.
pub(super) async fn report(acting: &Acting, request: &Request, client: &Client, before: Told) -> Result<Report, Error> {
    let from = From {
        namespace: acting.namespace().to_owned(),
        pod: throwaway_name(&acting.plan("", Vec::new(), &request.change).id),
        container: ThrowawayPod::CONTAINER.to_owned(),
    };
    let plan = planned(acting, request, client, &from, &before).await?;
    let told = RefCell::new(None);
    let asking = async { *told.borrow_mut() = Some(ask(acting.objects(), &from, &request.asked).await) };
    let look = Look { after: 0, look: Box::pin(asking) };
    let carried = acting.carry_out_and_look(plan, &request.change, Some(look)).await?;
    let mut change = acting.report(&carried);
    let Some(mut told) = told.take() else {
        let nobody = before.tried.iter().map(|why| Block::line(1, [Span::faint(format!("cannot ask: {why}"))]));
        change.blocks = nobody.chain(change.blocks).collect();
        return Ok(change);
    };
    told.tried.splice(0..0, before.tried);
    let around = surroundings::seen(acting, &request.asked, &told, client).await?;
    let throwaway = Throwaway {
        image: request.image.clone(),
        change: carried.plan.id.clone(),
        is_removed: carried.outcome.steps.last() == Some(&Happened::Done),
    };
    let client = Client { object: client.object.clone(), from: Some(from.clone()), pod: client.pod.clone() };
    let mut report = Document::new(request, &client, told, around).with(throwaway).report(acting);
    if carried.outcome.ended != sre_core::plan::Ended::Done {
        report.blocks.extend(change.blocks);
        report.change = Some(carried.outcome.ended);
    }
    Ok(report)
}

async fn planned(
    acting: &Acting,
    request: &Request,
    client: &Client,
    from: &From,
    before: &Told,
) -> Result<Plan, Error> {
    let (ranges, quotas) = (slim(acting, "limitranges").await, slim(acting, "resourcequotas").await);
    let pod = ThrowawayPod {
        name: from.pod.clone(),
        namespace: &from.namespace,
        image: &request.image,
        client: &client.pod["spec"],
        seconds: request.change.timeout.as_secs() + SPARE_SECONDS,
        sizes: Sizes { ranges: &ranges, quotas: &quotas },
    };
    let why = before.tried.last().cloned().unwrap_or_default();
    let steps = probe(&pod.object(), format!("nothing of {} can ask: {why}", client.object));
    let title = format!("ask {} {} beside {}", request.asked.what.word(), request.asked.target, client.object);
    let steps = steps.map(Vec::from).unwrap_or_default();
    let mut plan = acting.plan(title, steps, &request.change);
    plan.notes = vec![
        Note::remark(format!("its image is {}; a profile names another one by probe.image", request.image)),
        Note::warning(DIFFERS),
    ];
    Ok(plan)
}

/// What such a pod cannot show.
pub(super) const DIFFERS: &str = "it has other labels than the client: rules that select the client, of NetworkPolicies and meshes, do not hold for it";

/// Objects of the namespace that bound its size; what cannot be read bounds nothing, and the server tells.
async fn slim<T: Object + DeserializeOwned>(acting: &Acting, plural: &str) -> Vec<T> {
    let path = format!("/api/v1/namespaces/{}/{plural}", acting.namespace());
    let found = acting.objects().list(&path, "").await.unwrap_or_default();
    found.iter().filter_map(|object| from_json(object.to_string().as_bytes()).ok()).collect()
}
